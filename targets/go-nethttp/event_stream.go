package main

import (
	"bytes"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// With flush=false bytes are held back until so many have gathered: the size of net/http's write buffer.
const unflushedBytes = 4096

// Buffers above this size are not kept for the next stream.
const maxKeptBuffer = 64 << 10

var (
	streamType     = []string{"text/event-stream"}
	streamCache    = []string{"no-cache"}
	streamBuffered = []string{"no"}

	connectionClose = []string{"close"}

	buffers = sync.Pool{New: func() any { b := make([]byte, 0, 512); return &b }}
)

// eventStream is one response in progress. All times are monotonicNs.
type eventStream struct {
	streamQuery
	counters *counters
	causes   *causes
	conn     *observedConn
	w        http.ResponseWriter
	flusher  http.Flusher
	gone     <-chan struct{}
	timer    *time.Timer
	chunked  bool
	// lock is nil where writes need none.
	lock *sync.Mutex
	// headSent is false while the response head may still go out together with the first events.
	headSent bool

	// buf holds what was not yet handed to the socket.
	buf              []byte
	bufferedEvents   int64
	bufferedComments int64
}

func (h *handler) serveEvents(w http.ResponseWriter, r *http.Request, conn *observedConn) {
	query, problem := parseStreamQuery(r.URL.RawQuery)
	if problem != "" {
		refuse(w, http.StatusBadRequest, problem)
		return
	}
	buf := buffers.Get().(*[]byte)
	stream := eventStream{
		streamQuery: query,
		counters:    h.counters,
		causes:      h.causes,
		lock:        h.causes.lockOf(),
		conn:        conn,
		w:           w,
		flusher:     w.(http.Flusher),
		gone:        r.Context().Done(),
		chunked:     r.ProtoAtLeast(1, 1),
		buf:         (*buf)[:0],
	}
	h.counters.streamsOpen.Add(1)
	end := stream.run(resumeAfter(r.Header.Get("Last-Event-ID")))
	h.counters.streams[end].Add(1)
	h.counters.streamsOpen.Add(-1)
	if stream.timer != nil {
		stream.timer.Stop()
	}
	if cap(stream.buf) <= maxKeptBuffer {
		*buf = stream.buf
		buffers.Put(buf)
	}
}

// run sends the stream and says how it ended. Events follow an absolute schedule, first event + i * interval,
// so that lateness of one does not delay the others.
func (s *eventStream) run(seq int64) streamEnd {
	startNs := monotonicNs()
	if s.head > 0 && !s.waitUntil(startNs+int64(s.head)) {
		return endClientClosed
	}
	header := s.w.Header()
	header["Content-Type"] = streamType
	header["Cache-Control"] = streamCache
	header["X-Accel-Buffering"] = streamBuffered
	if s.close {
		header["Connection"] = connectionClose
	}
	s.w.WriteHeader(http.StatusOK)
	if s.flush {
		s.flusher.Flush()
		if s.conn.writeErr != nil {
			return endOf(s.conn.writeErr)
		}
		s.headSent = true
	}

	lastNs := monotonicNs()
	firstNs := lastNs + int64(s.first)
	lastSeq := seq + int64(s.count)
	for i := int64(0); ; i++ {
		dueNs := firstNs + i*int64(s.interval)
		for s.heartbeat > 0 && dueNs-lastNs > int64(s.heartbeat) {
			lastNs += int64(s.heartbeat)
			if !s.waitUntil(lastNs) {
				return endClientClosed
			}
			s.buf = append(s.buf, comment...)
			s.bufferedComments++
			if err := s.sendIfDue(); err != nil {
				return endOf(err)
			}
		}
		if !s.waitUntil(dueNs) {
			return endClientClosed
		}
		now := time.Now()
		lastNs = int64(now.Sub(processStart))
		for k := 0; k < s.burst && (s.count == 0 || seq < lastSeq); k++ {
			seq++
			burn(s.cpu)
			litter(s.causes.garbage)
			if keys := s.causes.jsonKeys; keys > 0 {
				s.buf = appendEncodedEvent(s.buf, seq, now.UnixMicro(), keys)
			} else {
				s.buf = appendEvent(s.buf, seq, now.UnixMicro(), s.size)
			}
			s.bufferedEvents++
		}
		if s.count > 0 && seq >= lastSeq {
			if err := s.send(); err != nil {
				return endOf(err)
			}
			return endCompleted
		}
		if err := s.sendIfDue(); err != nil {
			return endOf(err)
		}
	}
}

// waitUntil is false when the client has gone.
func (s *eventStream) waitUntil(dueNs int64) bool {
	wait := time.Duration(dueNs - monotonicNs())
	if wait <= 0 {
		select {
		case <-s.gone:
			return false
		default:
			return true
		}
	}
	if s.timer == nil {
		s.timer = time.NewTimer(wait)
	} else {
		// Its channel is empty: every wait ends by receiving from it, or ends the stream.
		s.timer.Reset(wait)
	}
	select {
	case <-s.gone:
		return false
	case <-s.timer.C:
		return true
	}
}

func (s *eventStream) sendIfDue() error {
	if !s.flush && len(s.buf) < unflushedBytes {
		return nil
	}
	return s.send()
}

// send hands the buffer to the socket and counts what the kernel took, in whole events.
func (s *eventStream) send() error {
	if s.lock != nil {
		s.lock.Lock()
		defer s.lock.Unlock()
		time.Sleep(s.causes.writeTime)
	}
	before := s.conn.written
	_, err := s.w.Write(s.buf)
	if err == nil {
		s.flusher.Flush()
		// Flush reports no error of its own.
		err = s.conn.writeErr
	}
	if err != nil {
		s.countAccepted(s.conn.written - before)
		return err
	}
	s.headSent = true
	s.counters.events.Add(s.bufferedEvents)
	s.counters.comments.Add(s.bufferedComments)
	s.counters.bodyBytes.Add(int64(len(s.buf)))
	s.buf = s.buf[:0]
	s.bufferedEvents, s.bufferedComments = 0, 0
	return nil
}

// countAccepted counts the part of the buffer that went out before a write failed, given the bytes on the wire.
func (s *eventStream) countAccepted(wireBytes int64) {
	if !s.headSent {
		// The head was part of the failed write, so its share of the bytes is not known; nothing was whole.
		return
	}
	if s.chunked {
		wireBytes -= int64(len(strconv.FormatInt(int64(len(s.buf)), 16)) + len("\r\n"))
	}
	if wireBytes <= 0 {
		return
	}
	if wireBytes > int64(len(s.buf)) {
		wireBytes = int64(len(s.buf))
	}
	accepted := s.buf[:wireBytes]
	comments := int64(bytes.Count(accepted, comment))
	s.counters.comments.Add(comments)
	s.counters.events.Add(int64(bytes.Count(accepted, []byte("\n\n"))) - comments)
	s.counters.bodyBytes.Add(wireBytes)
}

func endOf(err error) streamEnd {
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET) {
		return endClientClosed
	}
	return endWriteError
}
