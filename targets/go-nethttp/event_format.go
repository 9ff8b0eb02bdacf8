package main

import "strconv"

var (
	comment = []byte(": hb\n\n")
	padding = func() []byte {
		p := make([]byte, 4096)
		for i := range p {
			p[i] = 'x'
		}
		return p
	}()
)

const (
	padOpen  = `,"pad":"`
	padClose = `"`
)

// appendEvent adds one event whose data is exactly `size` bytes long, or as long as it must be if that is more.
func appendEvent(buf []byte, seq, tsUs int64, size int) []byte {
	buf = append(buf, "id: "...)
	buf = strconv.AppendInt(buf, seq, 10)
	buf = append(buf, "\ndata: "...)
	start := len(buf)
	buf = append(buf, `{"seq":`...)
	buf = strconv.AppendInt(buf, seq, 10)
	buf = append(buf, `,"ts":`...)
	buf = strconv.AppendInt(buf, tsUs, 10)
	if missing := size - (len(buf) - start) - len("}"); missing >= len(padOpen)+len(padClose) {
		buf = append(buf, padOpen...)
		buf = appendPadding(buf, missing-len(padOpen)-len(padClose))
		buf = append(buf, padClose...)
	} else {
		// Too little room for a member: JSON allows spaces.
		for ; missing > 0; missing-- {
			buf = append(buf, ' ')
		}
	}
	return append(buf, "}\n\n"...)
}

func appendPadding(buf []byte, n int) []byte {
	for ; n > len(padding); n -= len(padding) {
		buf = append(buf, padding...)
	}
	return append(buf, padding[:n]...)
}
