package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// causes are what makes this server slow on purpose, for profiles and headers to be judged by a known truth.
type causes struct {
	// exitAfter is the number of /events requests after which the process ends in mid-stream, 0 for never.
	exitAfter int64
	// lock is held around every write of an event stream, with writeTime passing meanwhile.
	lock      lockKind
	writeTime time.Duration
	// garbage is the number of objects allocated, kept for a while and dropped per event.
	garbage int
	// jsonKeys is the number of members that encoding/json writes into every event, 0 for events without it.
	jsonKeys int
	// slowHeaders makes a search of request heads quadratic in the length of runs of blanks.
	slowHeaders bool

	shared sync.Mutex
}

type lockKind string

const (
	lockNone   lockKind = ""
	lockShared lockKind = "shared"
	lockOwn    lockKind = "own"
)

func (k *lockKind) String() string { return string(*k) }

func (k *lockKind) Set(text string) error {
	switch kind := lockKind(text); kind {
	case lockShared, lockOwn:
		*k = kind
		return nil
	}
	return errors.New("want shared or own")
}

// lockOf is the lock around the writes of one stream, nil where there is none.
func (c *causes) lockOf() *sync.Mutex {
	switch c.lock {
	case lockShared:
		return &c.shared
	case lockOwn:
		return &sync.Mutex{}
	}
	return nil
}

type crumb struct {
	next *crumb
	text [40]byte
}

// Lists that are still reachable: without them a collection would have next to nothing to mark.
var (
	crumbs     [64]atomic.Pointer[crumb]
	crumbsMade atomic.Uint64
)

// litter allocates n small objects that point to each other, and drops those of 64 calls before.
func litter(n int) {
	if n <= 0 {
		return
	}
	var head *crumb
	for i := 0; i < n; i++ {
		head = &crumb{next: head}
	}
	crumbs[crumbsMade.Add(1)%uint64(len(crumbs))].Store(head)
}

// encodedEvent is what encoding/json makes of an event with more members than seq and ts.
type encodedEvent struct {
	Seq    int64          `json:"seq"`
	TsUs   int64          `json:"ts"`
	Fields map[string]any `json:"fields"`
}

func appendEncodedEvent(buf []byte, seq, tsUs int64, keys int) []byte {
	fields := make(map[string]any, keys)
	for i := 0; i < keys; i++ {
		name := "key" + strconv.Itoa(i)
		if i%2 == 0 {
			fields[name] = seq + int64(i)
		} else {
			fields[name] = "value of " + name
		}
	}
	data, err := json.Marshal(encodedEvent{seq, tsUs, fields})
	if err != nil {
		panic(fmt.Sprintf("numbers and strings cannot be encoded: %s", err))
	}
	buf = append(buf, "id: "...)
	buf = strconv.AppendInt(buf, seq, 10)
	buf = append(buf, "\ndata: "...)
	buf = append(buf, data...)
	return append(buf, "\n\n"...)
}

var trailingBlanks atomic.Int64

// searchTrailingBlanks does to a head what a backtracking search for /[ \t]+\r/ does: from each blank it follows the
// run to its end. A run of n blanks inside a value takes n*n/2 steps.
func searchTrailingBlanks(head []byte) {
	found := int64(0)
	for i := range head {
		end := i
		for end < len(head) && (head[end] == ' ' || head[end] == '\t') {
			end++
		}
		if end > i && end < len(head) && head[end] == '\r' {
			found++
		}
	}
	trailingBlanks.Add(found)
}
