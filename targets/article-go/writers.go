package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// writers build one event and hand it over in different ways.
var writers = map[string]func(w io.Writer, seq int, data []byte) error{
	"plain":   writePlain,
	"naive":   writeNaive,
	"pooled":  writePooled,
	"printed": writePrinted,
}

// payload is what encode=struct and encode=map put into an event.
type payload struct {
	Seq    int    `json:"seq"`
	TS     int64  `json:"ts"`
	User   string `json:"user"`
	Status string `json:"status"`
	Pad    string `json:"pad,omitempty"`
}

var pads sync.Map

// pad is text of q.size bytes, made once.
func pad(size int) string {
	if known, ok := pads.Load(size); ok {
		return known.(string)
	}
	text := strings.Repeat("x", size)
	pads.Store(size, text)
	return text
}

// dataOf is the data of an event, encoded as the query says.
func dataOf(seq int, q query) []byte {
	now := time.Now().UnixMicro()
	switch q.encode {
	case "struct":
		data, _ := json.Marshal(payload{Seq: seq, TS: now, User: "alice", Status: "online", Pad: pad(q.size)})
		return data
	case "map":
		data, _ := json.Marshal(map[string]any{"seq": seq, "ts": now, "user": "alice", "status": "online", "pad": pad(q.size)})
		return data
	}
	data := make([]byte, 0, 64+q.size)
	data = append(data, `{"seq":`...)
	data = strconv.AppendInt(data, int64(seq), 10)
	data = append(data, `,"ts":`...)
	data = strconv.AppendInt(data, now, 10)
	data = append(data, `,"pad":"`...)
	data = append(data, pad(q.size)...)
	return append(data, `"}`...)
}

// writePlain is what most handlers do.
func writePlain(w io.Writer, seq int, data []byte) error {
	_, err := fmt.Fprintf(w, "id: %d\ndata: %s\n\n", seq, data)
	return err
}

// writeNaive joins strings, one allocation after the other.
func writeNaive(w io.Writer, seq int, data []byte) error {
	text := "id: " + strconv.Itoa(seq) + "\n"
	text += "event: message\n"
	text += "data: " + string(data) + "\n"
	text += "\n"
	_, err := fmt.Fprintf(w, "%s", text)
	return err
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// writePooled is what the article describes: a bytes.Buffer that is used again, copied by io.Copy.
func writePooled(w io.Writer, seq int, data []byte) error {
	buf := buffers.Get().(*bytes.Buffer)
	buf.Reset()
	buf.Grow(64)
	buf.WriteString("id: ")
	var digits [20]byte
	buf.Write(strconv.AppendInt(digits[:0], int64(seq), 10))
	buf.WriteString("\nevent: message\ndata: ")
	buf.Write(data)
	buf.WriteString("\n\n")
	_, err := io.Copy(w, buf)
	buffers.Put(buf)
	return err
}

// writePrinted is the code that the article prints: a buffer of its own for each event. It flushes where w can.
func writePrinted(w io.Writer, _ int, data []byte) error {
	buf := &bytes.Buffer{}
	buf.Grow(64)
	buf.WriteString("event: ")
	buf.WriteString("message")
	buf.WriteByte('\n')
	buf.WriteString("data: ")
	buf.Write(data)
	buf.WriteString("\n\n")
	if flusher, ok := w.(http.Flusher); ok {
		flusher.Flush()
	}
	_, err := io.Copy(w, buf)
	return err
}
