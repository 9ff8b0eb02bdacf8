package main

import (
	"context"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// observedListener hands out connections that count themselves and know when a request's first byte was read.
type observedListener struct {
	*net.TCPListener
	counters *counters
	causes   *causes
}

func (l *observedListener) Accept() (net.Conn, error) {
	tcp, err := l.TCPListener.AcceptTCP()
	if err != nil {
		return nil, err
	}
	l.counters.connections.Add(1)
	l.counters.connectionsOpen.Add(1)
	conn := &observedConn{TCPConn: tcp, counters: l.counters, slowHeaders: l.causes.slowHeaders}
	conn.awaiting.Store(true)
	return conn, nil
}

// observedConn notes when the first byte of a request was read and how many bytes the kernel took.
//
// While a handler runs, net/http reads one byte ahead in the background to notice a client that leaves. Only a
// read that happens while no request is being handled starts the clock, so that neither this byte nor a request
// body is taken for the beginning of a request.
type observedConn struct {
	*net.TCPConn
	counters    *counters
	slowHeaders bool

	// awaiting is true from the end of one handler (or from accept) to the first byte of the next request.
	awaiting atomic.Bool
	// firstByteNs is 0 until a first byte was read.
	firstByteNs atomic.Int64
	// parsing is true from the first byte of a request to its handler.
	parsing atomic.Bool
	closed  atomic.Bool

	// Only the goroutine that serves the connection touches these.
	handledNs int64
	written   int64
	writeErr  error
}

// net/http waits for the first bytes of a request outside of what it does to read it. With slow headers the rest is
// left for later, so that the search for blanks is part of reading the request, as it is in servers that are like that.
const peekedBytes = 16

func (c *observedConn) Read(p []byte) (int, error) {
	if c.slowHeaders && len(p) > peekedBytes && c.awaiting.Load() {
		p = p[:peekedBytes]
	}
	n, err := c.TCPConn.Read(p)
	if n > 0 && c.awaiting.Load() && c.awaiting.CompareAndSwap(true, false) {
		c.firstByteNs.Store(monotonicNs())
		c.parsing.Store(true)
	}
	if c.slowHeaders && n > 0 && c.parsing.Load() {
		searchTrailingBlanks(p[:n])
	}
	return n, err
}

func (c *observedConn) Write(p []byte) (int, error) {
	n, err := c.TCPConn.Write(p)
	c.written += int64(n)
	if err != nil && c.writeErr == nil {
		c.writeErr = err
	}
	return n, err
}

func (c *observedConn) Close() error {
	if c.closed.CompareAndSwap(false, true) {
		c.counters.connectionsOpen.Add(-1)
	}
	return c.TCPConn.Close()
}

// beginRequest returns when the first byte of the request being handled was read. A pipelined request came in
// together with its predecessor; its time counts from the end of that one's handler.
func (c *observedConn) beginRequest() int64 {
	c.awaiting.Store(false)
	c.parsing.Store(false)
	if firstByteNs := c.firstByteNs.Swap(0); firstByteNs != 0 {
		return firstByteNs
	}
	return c.handledNs
}

func (c *observedConn) endRequest() {
	c.handledNs = monotonicNs()
	c.awaiting.Store(true)
}

type connKey struct{}

func connContext(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, conn)
}

func connOf(r *http.Request) *observedConn {
	return r.Context().Value(connKey{}).(*observedConn)
}

var processStart = time.Now()

// monotonicNs is never 0 after the start of the process.
func monotonicNs() int64 {
	return int64(time.Since(processStart))
}
