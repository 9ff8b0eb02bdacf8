package main

import (
	"io"
	"net/http"
	"net/http/pprof"
	"os"
	"runtime"
	"strconv"
	"strings"
)

// A request body is read to its end before the answer begins, up to this size; nothing here needs a larger one.
const maxRequestBodyBytes = 1 << 20

var (
	helloBody  = []byte("hello\n")
	helloType  = []string{"text/plain; charset=utf-8"}
	helloBytes = []string{strconv.Itoa(len(helloBody))}
)

type handler struct {
	counters *counters
	// debug is nil unless profiles were asked for.
	debug  *http.ServeMux
	causes *causes
}

func newHandler(counters *counters, withProfiles bool, causes *causes) *handler {
	h := &handler{counters: counters, causes: causes}
	if withProfiles {
		// One sample per 10 us blocked and per 100 contentions: enough for a profile, no visible cost.
		runtime.SetBlockProfileRate(10_000)
		runtime.SetMutexProfileFraction(100)
		h.debug = http.NewServeMux()
		h.debug.HandleFunc("/debug/pprof/", pprof.Index)
		h.debug.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
		h.debug.HandleFunc("/debug/pprof/profile", pprof.Profile)
		h.debug.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
		h.debug.HandleFunc("/debug/pprof/trace", pprof.Trace)
		h.debug.HandleFunc("/debug/trace", pprof.Trace)
	}
	return h
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	enteredNs := monotonicNs()
	conn := connOf(r)
	firstByteNs := conn.beginRequest()
	defer conn.endRequest()

	// Profiles are fetched by the harness; counting them would falsify what the load generator asked for.
	if h.debug != nil && strings.HasPrefix(r.URL.Path, "/debug/") {
		h.debug.ServeHTTP(w, r)
		return
	}
	route := routeOf(r.URL.Path)
	h.counters.requests[route].Add(1)
	if route != routeMetrics && route != routeHealthz {
		h.counters.headerParse.observe(enteredNs - firstByteNs)
	}
	// Reading the body to its end also lets net/http watch for a client that leaves, which it does not before.
	if r.Body != http.NoBody && !drainBody(w, r) {
		return
	}

	switch route {
	case routeEvents:
		if r.Method != http.MethodGet && r.Method != http.MethodPost {
			refuseMethod(w, "GET, POST")
			return
		}
		if after := h.causes.exitAfter; after > 0 && h.counters.requests[routeEvents].Load() >= after {
			os.Exit(3)
		}
		h.serveEvents(w, r, conn)
	case routeOther:
		refuse(w, http.StatusNotFound, "no such route")
	default:
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			refuseMethod(w, "GET, HEAD")
			return
		}
		h.serveFixed(w, route)
	}
}

func routeOf(path string) route {
	switch path {
	case "/events":
		return routeEvents
	case "/hello":
		return routeHello
	case "/healthz":
		return routeHealthz
	case "/metrics":
		return routeMetrics
	}
	return routeOther
}

func (h *handler) serveFixed(w http.ResponseWriter, route route) {
	header := w.Header()
	switch route {
	case routeHello:
		header["Content-Type"] = helloType
		header["Content-Length"] = helloBytes
		_, _ = w.Write(helloBody)
	case routeHealthz:
		header["Content-Type"] = helloType
		_, _ = w.Write([]byte("ok\n"))
	case routeMetrics:
		body := h.counters.exposition()
		header.Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		header.Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body)
	}
}

// drainBody is false when it has answered already.
func drainBody(w http.ResponseWriter, r *http.Request) bool {
	n, err := io.Copy(io.Discard, io.LimitReader(r.Body, maxRequestBodyBytes+1))
	if n > maxRequestBodyBytes {
		w.Header().Set("Connection", "close")
		refuse(w, http.StatusRequestEntityTooLarge, "request body above 1 MiB")
		return false
	}
	if err != nil {
		refuse(w, http.StatusBadRequest, "request body cannot be read")
		return false
	}
	return true
}

func refuseMethod(w http.ResponseWriter, allowed string) {
	w.Header().Set("Allow", allowed)
	refuse(w, http.StatusMethodNotAllowed, "allowed methods: "+allowed)
}

func refuse(w http.ResponseWriter, status int, message string) {
	w.Header()["Content-Type"] = helloType
	w.WriteHeader(status)
	_, _ = io.WriteString(w, message+"\n")
}
