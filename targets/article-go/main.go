// Command article-go serves the handlers that the article of scenarios/seed argues about, as variants of one stream: how
// events are flushed, how they are built, and whether they are encoded. Standard library only, Go 1.19 or newer.
//
//	/events?count=10&interval=5ms&flush=event|none|hijack&writer=plain|naive|pooled|printed&encode=none|struct|map&size=0&leak=false
package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// query is one stream as asked for.
type query struct {
	count    int
	interval time.Duration
	flush    string
	writer   string
	encode   string
	size     int
	// every is the number of events between two flushes.
	every int
}

func main() {
	port := flag.Int("port", 0, "port to listen on, 0 for any free one")
	flag.Parse()
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(*port)))
	if err != nil {
		fmt.Fprintf(os.Stderr, "error: %s\n", err)
		os.Exit(1)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/events", serveEvents)
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	go func() {
		if err := http.Serve(listener, mux); err != nil {
			fmt.Fprintf(os.Stderr, "error: %s\n", err)
			os.Exit(1)
		}
	}()
	fmt.Printf("listening on %s\n", listener.Addr())
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	<-stop
}

func serveEvents(w http.ResponseWriter, r *http.Request) {
	q, err := parseQuery(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if q.flush == "hijack" {
		serveHijacked(w, r, q)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-cache")
	header.Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	flusher := w.(http.Flusher)
	write := writers[q.writer]
	sendStream(q, r.Context().Done(), func(seq int) error {
		if err := write(w, seq, dataOf(seq, q)); err != nil {
			return err
		}
		if q.flush == "event" && seq%q.every == 0 {
			flusher.Flush()
		}
		return nil
	})
}

// serveHijacked writes the response by hand over the connection taken from net/http. One stream per connection.
func serveHijacked(w http.ResponseWriter, r *http.Request, q query) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer conn.Close()
	out := bufio.NewWriter(conn)
	fmt.Fprint(out, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\nConnection: close\r\n\r\n")
	write := writers[q.writer]
	sendStream(q, nil, func(seq int) error {
		if err := write(out, seq, dataOf(seq, q)); err != nil {
			return err
		}
		return out.Flush()
	})
	_ = out.Flush()
}

// sendStream calls send for each event when it is due: the first one at once, the others on an absolute schedule.
func sendStream(q query, gone <-chan struct{}, send func(seq int) error) {
	start := time.Now()
	for seq := 1; q.count == 0 || seq <= q.count; seq++ {
		if wait := time.Until(start.Add(time.Duration(seq-1) * q.interval)); wait > 0 {
			select {
			case <-gone:
				return
			case <-time.After(wait):
			}
		}
		if send(seq) != nil {
			return
		}
	}
}

func parseQuery(r *http.Request) (query, error) {
	values := r.URL.Query()
	text := func(name, fallback string, allowed ...string) (string, error) {
		value := values.Get(name)
		if value == "" {
			return fallback, nil
		}
		for _, one := range allowed {
			if value == one {
				return value, nil
			}
		}
		return "", errors.New(name + " must be one of " + strings.Join(allowed, ", "))
	}
	number := func(name string, fallback int) (int, error) {
		value := values.Get(name)
		if value == "" {
			return fallback, nil
		}
		n, err := strconv.Atoi(value)
		if err != nil || n < 0 || n > 1<<24 {
			return 0, errors.New(name + " must be a whole number")
		}
		return n, nil
	}
	var q query
	var err error
	failed := func(e error) bool {
		if e != nil {
			err = e
		}
		return e != nil
	}
	var e error
	q.count, e = number("count", 10)
	failed(e)
	q.size, e = number("size", 0)
	failed(e)
	q.every, e = number("every", 1)
	failed(e)
	q.flush, e = text("flush", "event", "event", "none", "hijack")
	failed(e)
	q.writer, e = text("writer", "plain", "plain", "naive", "pooled", "printed")
	failed(e)
	q.encode, e = text("encode", "none", "none", "struct", "map")
	failed(e)
	if interval := values.Get("interval"); interval != "" {
		q.interval, e = time.ParseDuration(interval)
		failed(e)
	}
	if q.every == 0 {
		err = errors.New("every must be at least 1")
	}
	return q, err
}
