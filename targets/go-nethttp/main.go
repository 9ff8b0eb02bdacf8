// Command go-nethttp is a server-sent events server on net/http alone, made to be measured: its counters at
// /metrics say what it really sent. The routes are described in targets/README.md.
package main

import (
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"
)

func main() {
	host := flag.String("host", "127.0.0.1", "address to listen on")
	port := flag.Int("port", 0, "port to listen on, 0 for any free one")
	pprof := flag.Bool("pprof", false, "serve /debug/pprof/* and /debug/trace")
	slow := &causes{}
	flag.Int64Var(&slow.exitAfter, "exit-after", 0, "exit with code 3 when so many /events requests have come, 0 for never")
	flag.Var(&slow.lock, "lock", "hold a lock around every write of an event stream: one `shared` by all, or its own")
	flag.DurationVar(&slow.writeTime, "write-time", 0, "what a write takes while the lock is held")
	flag.IntVar(&slow.garbage, "garbage", 0, "objects of 48 bytes to allocate per event")
	flag.IntVar(&slow.jsonKeys, "json", 0, "members that encoding/json writes into every event")
	flag.BoolVar(&slow.slowHeaders, "slow-headers", false, "search request heads in time quadratic in runs of blanks")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "unexpected argument %q\n", flag.Arg(0))
		os.Exit(2)
	}

	address := net.JoinHostPort(*host, strconv.Itoa(*port))
	listener, err := net.Listen("tcp", address)
	if err != nil {
		fmt.Fprintf(os.Stderr, "cannot listen on %s: %s\n", address, rootCause(err))
		os.Exit(1)
	}

	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)

	counters := &counters{}
	server := &http.Server{Handler: newHandler(counters, *pprof, slow), ConnContext: connContext}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(&observedListener{listener.(*net.TCPListener), counters, slow}) }()
	fmt.Printf("listening on %s\n", listener.Addr())

	select {
	case <-stop:
		// Open streams are cut: an endless one would hold up a graceful shutdown for ever.
		_ = server.Close()
	case err := <-failed:
		fmt.Fprintf(os.Stderr, "stopped serving: %s\n", err)
		os.Exit(1)
	}
}

// rootCause strips the address and the call from a network error: both stand in the message already.
func rootCause(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}
