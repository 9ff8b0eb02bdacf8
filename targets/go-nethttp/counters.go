package main

import (
	"bytes"
	"fmt"
	"strconv"
	"sync/atomic"
)

type route int

const (
	routeEvents route = iota
	routeHello
	routeHealthz
	routeMetrics
	routeOther
)

var routeNames = [...]string{"/events", "/hello", "/healthz", "/metrics", "other"}

type streamEnd int

const (
	endCompleted streamEnd = iota
	endClientClosed
	endReset
	endClosedEarly
	endWriteError
	endStalled
)

var streamEndNames = [...]string{"completed", "client-closed", "reset", "closed-early", "write-error", "stalled"}

// counters is the ground truth that the harness compares every load tool with.
type counters struct {
	connections     atomic.Int64
	connectionsOpen atomic.Int64
	requests        [len(routeNames)]atomic.Int64
	streams         [len(streamEndNames)]atomic.Int64
	streamsOpen     atomic.Int64
	events          atomic.Int64
	comments        atomic.Int64
	bodyBytes       atomic.Int64
	headerParse     histogram
}

// Upper bounds of the header-parse buckets in nanoseconds: 1, 2, 5 per decade from 1 us to 1 s.
var bucketBoundsNs = [...]int64{
	1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 2e6, 5e6, 1e7, 2e7, 5e7, 1e8, 2e8, 5e8, 1e9,
}

type histogram struct {
	buckets [len(bucketBoundsNs) + 1]atomic.Int64
	sumNs   atomic.Int64
}

func (h *histogram) observe(ns int64) {
	i := 0
	for i < len(bucketBoundsNs) && ns > bucketBoundsNs[i] {
		i++
	}
	h.buckets[i].Add(1)
	h.sumNs.Add(ns)
}

// exposition renders the counters in the Prometheus text format 0.0.4.
func (c *counters) exposition() []byte {
	var out bytes.Buffer
	header := func(name, kind, help string) {
		fmt.Fprintf(&out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
	}
	single := func(name, kind, help string, value int64) {
		header(name, kind, help)
		fmt.Fprintf(&out, "%s %d\n", name, value)
	}

	single("ssee_target_connections_total", "counter", "TCP connections accepted.", c.connections.Load())
	single("ssee_target_connections_open", "gauge", "TCP connections open now.", c.connectionsOpen.Load())
	header("ssee_target_requests_total", "counter", "Requests handed to a handler, by route.")
	for i := range c.requests {
		fmt.Fprintf(&out, "ssee_target_requests_total{route=%q} %d\n", routeNames[i], c.requests[i].Load())
	}
	header("ssee_target_streams_total", "counter", "Event streams by how they ended, as the server saw it.")
	for i := range c.streams {
		fmt.Fprintf(&out, "ssee_target_streams_total{end=%q} %d\n", streamEndNames[i], c.streams[i].Load())
	}
	single("ssee_target_streams_open", "gauge", "Event streams open now.", c.streamsOpen.Load())
	single("ssee_target_events_total", "counter", "Events handed to the socket.", c.events.Load())
	single("ssee_target_comments_total", "counter", "Comments handed to the socket.", c.comments.Load())
	single("ssee_target_body_bytes_total", "counter",
		"Event stream bytes handed to the socket, before chunk framing.", c.bodyBytes.Load())

	const name = "ssee_target_header_parse_seconds"
	header(name, "histogram", "First request byte read to handler entry, without /metrics, /healthz and /debug.")
	sumNs := c.headerParse.sumNs.Load()
	count := int64(0)
	for i, boundNs := range bucketBoundsNs {
		count += c.headerParse.buckets[i].Load()
		fmt.Fprintf(&out, "%s_bucket{le=\"%s\"} %d\n", name, formatSeconds(boundNs), count)
	}
	count += c.headerParse.buckets[len(bucketBoundsNs)].Load()
	fmt.Fprintf(&out, "%s_bucket{le=\"+Inf\"} %d\n", name, count)
	fmt.Fprintf(&out, "%s_sum %s\n%s_count %d\n", name, formatSeconds(sumNs), name, count)
	return out.Bytes()
}

func formatSeconds(ns int64) string {
	return strconv.FormatFloat(float64(ns)/1e9, 'f', -1, 64)
}
