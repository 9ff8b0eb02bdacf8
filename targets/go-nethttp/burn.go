package main

import (
	"sync"
	"sync/atomic"
	"time"
)

// A unit of work takes some microseconds; only its number of rounds counts, so that waiting for a CPU is no work.
const roundsPerUnit = 1000

var (
	unitNs     int64
	calibrated sync.Once
	burnt      atomic.Uint64
)

// burn uses about so much CPU time, however long that takes.
func burn(d time.Duration) {
	if d <= 0 {
		return
	}
	calibrated.Do(calibrate)
	sum := uint64(0)
	for left := int64(d) / unitNs; left >= 0; left-- {
		sum += work(sum)
	}
	burnt.Store(sum)
}

// calibrate takes the fastest of several units: the others were disturbed.
func calibrate() {
	unitNs = 1 << 62
	for i := uint64(0); i < 200; i++ {
		began := monotonicNs()
		burnt.Store(work(i))
		if ns := monotonicNs() - began; ns > 0 && ns < unitNs {
			unitNs = ns
		}
	}
}

//go:noinline
func work(seed uint64) uint64 {
	for i := 0; i < roundsPerUnit; i++ {
		seed ^= seed << 13
		seed ^= seed >> 7
		seed ^= seed << 17
		seed += uint64(i)
	}
	return seed
}
