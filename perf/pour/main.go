// Command pour sends event streams at next to no cost: blocks of events that are made once per connection and patched
// in place before each write. For loads in which the server must not be the limit; everything else is measured
// against the bundled targets, which make every event anew as real servers do.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"
)

// Events per block, a power of ten: the last three digits of an id never change then.
const blockEvents = 1000

// Digits of an id: as many as a double holds exactly. Digits of a time in microseconds until the year 2286.
const (
	idDigits   = 15
	timeDigits = 16
)

var events, streams, streamsOpen atomic.Int64

func main() {
	port := flag.Int("port", 0, "port to listen on at 127.0.0.1, 0 for any free one")
	flag.Parse()
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(*port)))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	http.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	http.HandleFunc("/metrics", serveMetrics)
	http.HandleFunc("/pour", servePour)
	go func() { fmt.Fprintln(os.Stderr, http.Serve(listener, nil)) }()
	fmt.Printf("listening on %s\n", listener.Addr())

	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	<-stop
}

// serveMetrics uses the names of the bundled targets, as far as they apply.
func serveMetrics(w http.ResponseWriter, _ *http.Request) {
	fmt.Fprintf(w, "ssee_target_events_total %d\nssee_target_requests_total{route=\"/pour\"} %d\nssee_target_streams_open %d\n",
		events.Load(), streams.Load(), streamsOpen.Load())
}

func servePour(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer conn.Close()
	streams.Add(1)
	streamsOpen.Add(1)
	defer streamsOpen.Add(-1)
	const head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n" +
		"X-Accel-Buffering: no\r\nTransfer-Encoding: chunked\r\n\r\n"
	if _, err := conn.Write([]byte(head)); err != nil {
		return
	}
	block := newBlock()
	// Ends with the client: an endless stream has no other end.
	for first := int64(blockEvents); ; first += blockEvents {
		block.patch(first, time.Now().UnixMicro())
		if _, err := conn.Write(block.bytes); err != nil {
			return
		}
		events.Add(blockEvents)
	}
}

// block is one HTTP chunk of events `id: N` / `data: {"ts":T,"pad":"..."}`, about as long as those of the targets.
type block struct {
	bytes []byte
	// Where the id and the time of each event stand.
	ids   [blockEvents]int
	times [blockEvents]int
}

func newBlock() *block {
	var body bytes.Buffer
	made := &block{}
	for i := 0; i < blockEvents; i++ {
		body.WriteString("id: ")
		made.ids[i] = body.Len()
		fmt.Fprintf(&body, "%0*d\ndata: {\"ts\":", idDigits, i)
		made.times[i] = body.Len()
		fmt.Fprintf(&body, "%0*d,\"pad\":\"xxxx\"}\n\n", timeDigits, 0)
	}
	size := fmt.Sprintf("%x\r\n", body.Len())
	for i := range made.ids {
		made.ids[i] += len(size)
		made.times[i] += len(size)
	}
	made.bytes = []byte(size + body.String() + "\r\n")
	return made
}

// patch makes it the block whose first id is `first`, a multiple of blockEvents.
func (b *block) patch(first, unixUs int64) {
	upper := []byte(fmt.Sprintf("%0*d", idDigits-3, first/blockEvents))
	stamp := []byte(fmt.Sprintf("%0*d", timeDigits, unixUs))
	for i := range b.ids {
		copy(b.bytes[b.ids[i]:], upper)
		copy(b.bytes[b.times[i]:], stamp)
	}
}
