package main

import (
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	maxCount        = 1_000_000_000
	maxBurst        = 10_000
	maxSize         = 16 << 20
	maxWriteBytes   = 64 << 20
	maxDuration     = 24 * time.Hour
	defaultInterval = 100 * time.Millisecond
)

// streamQuery is what a client may ask of an event stream.
type streamQuery struct {
	// count is the number of events, 0 for an endless stream.
	count    int
	interval time.Duration
	// burst is the number of events per write.
	burst int
	// size is the wanted length of an event's data in bytes.
	size int
	// heartbeat is the silence after which a comment is sent, 0 for none.
	heartbeat time.Duration
	head      time.Duration
	first     time.Duration
	flush     bool
	// cpu is CPU time burnt before each event.
	cpu time.Duration
	// close ends the connection behind the response.
	close bool
}

// parseStreamQuery returns one line that names the first bad parameter, or "". An unknown parameter is an error:
// a misspelt one would otherwise measure another stream than the one asked for.
func parseStreamQuery(raw string) (streamQuery, string) {
	q := streamQuery{burst: 1, flush: true, interval: -1}
	for raw != "" {
		var pair string
		pair, raw, _ = strings.Cut(raw, "&")
		if pair == "" {
			continue
		}
		name, escaped, _ := strings.Cut(pair, "=")
		value, err := url.QueryUnescape(escaped)
		if err != nil {
			return q, badValue(name, escaped, "a valid escape")
		}
		if problem := q.set(name, value); problem != "" {
			return q, problem
		}
	}
	if q.interval < 0 {
		q.interval = 0
		if q.count == 0 {
			q.interval = defaultInterval
		}
	}
	if q.burst*q.size > maxWriteBytes {
		return q, "burst times size is above 64 MiB"
	}
	return q, ""
}

func (q *streamQuery) set(name, value string) string {
	switch name {
	case "count":
		return setInt(&q.count, name, value, 0, maxCount)
	case "burst":
		return setInt(&q.burst, name, value, 1, maxBurst)
	case "size":
		return setInt(&q.size, name, value, 0, maxSize)
	case "interval":
		return setDuration(&q.interval, name, value)
	case "heartbeat":
		return setDuration(&q.heartbeat, name, value)
	case "head":
		return setDuration(&q.head, name, value)
	case "first":
		return setDuration(&q.first, name, value)
	case "cpu":
		return setDuration(&q.cpu, name, value)
	case "flush":
		return setBool(&q.flush, name, value)
	case "close":
		return setBool(&q.close, name, value)
	}
	return "unknown parameter " + strconv.Quote(name)
}

func setInt(to *int, name, value string, min, max int) string {
	n, err := strconv.ParseUint(value, 10, 32)
	if err != nil || int(n) < min || int(n) > max {
		return badValue(name, value, "a whole number from "+strconv.Itoa(min)+" to "+strconv.Itoa(max))
	}
	*to = int(n)
	return ""
}

func setBool(to *bool, name, value string) string {
	if value != "true" && value != "false" {
		return badValue(name, value, "true or false")
	}
	*to = value == "true"
	return ""
}

func setDuration(to *time.Duration, name, value string) string {
	d, err := time.ParseDuration(value)
	if err != nil || d < 0 || d > maxDuration {
		return badValue(name, value, "a duration from 0 to 24h, like 5ms")
	}
	*to = d
	return ""
}

func badValue(name, value, want string) string {
	return "bad value for " + name + ": " + strconv.Quote(value) + ", want " + want
}

// resumeAfter is the sequence number in a Last-Event-ID header, 0 when there is none that this server has sent.
func resumeAfter(lastEventID string) int64 {
	n, err := strconv.ParseUint(lastEventID, 10, 53)
	if err != nil {
		return 0
	}
	return int64(n)
}
