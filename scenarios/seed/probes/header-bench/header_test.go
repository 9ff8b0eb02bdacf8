package header

import (
	"bufio"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

const value = `text/event-stream; charset=utf-8; boundary="abc"`

// byStrings is the function that the article prints, completed: plain string functions and a new map per call.
func byStrings(raw string) (string, map[string]string) {
	i := strings.IndexByte(raw, ';')
	if i == -1 {
		return strings.TrimSpace(raw), nil
	}
	params := make(map[string]string)
	for _, part := range strings.Split(raw[i+1:], ";") {
		name, text, found := strings.Cut(strings.TrimSpace(part), "=")
		if found {
			params[name] = strings.Trim(text, `"`)
		}
	}
	return strings.TrimSpace(raw[:i]), params
}

var pattern = regexp.MustCompile(`;\s*([^=\s;]+)="?([^";]*)"?`)

// byRegexp uses one compiled expression for all calls.
func byRegexp(raw string) (string, map[string]string) {
	head, _, _ := strings.Cut(raw, ";")
	params := make(map[string]string)
	for _, match := range pattern.FindAllStringSubmatch(raw, -1) {
		params[match[1]] = match[2]
	}
	return strings.TrimSpace(head), params
}

type param struct{ name, text string }

// byMachine goes over the bytes once and puts what it finds into the caller's array.
func byMachine(raw string, params []param) (string, []param) {
	const (
		inValue = iota
		beforeName
		inName
		inText
	)
	state, start, end := inValue, 0, len(raw)
	var name string
	for i := 0; i <= len(raw); i++ {
		c := byte(';')
		if i < len(raw) {
			c = raw[i]
		}
		switch state {
		case inValue:
			if c == ';' {
				end, state = i, beforeName
			}
		case beforeName:
			if c != ' ' && c != '\t' {
				start, state = i, inName
			}
		case inName:
			if c == '=' {
				name, start, state = raw[start:i], i+1, inText
			}
		case inText:
			if c == ';' {
				text := raw[start:i]
				if len(text) >= 2 && text[0] == '"' {
					text = text[1 : len(text)-1]
				}
				params, state = append(params, param{name, text}), beforeName
			}
		}
	}
	return raw[:end], params
}

var kept int

func BenchmarkParseValue(b *testing.B) {
	b.Run("strings", func(b *testing.B) {
		for i := 0; i < b.N; i++ {
			_, params := byStrings(value)
			kept += len(params)
		}
	})
	b.Run("regexp", func(b *testing.B) {
		for i := 0; i < b.N; i++ {
			_, params := byRegexp(value)
			kept += len(params)
		}
	})
	b.Run("machine", func(b *testing.B) {
		var room [4]param
		for i := 0; i < b.N; i++ {
			_, params := byMachine(value, room[:0])
			kept += len(params)
		}
	})
}

// heads are requests with the same four headers, regular and not.
var heads = []struct{ name, text string }{
	{"minimal", "GET /events HTTP/1.1\r\nHost: localhost:8080\r\nAccept: text/event-stream\r\n\r\n"},
	{"regular", "GET /events HTTP/1.1\r\nHost: localhost:8080\r\nAccept: text/event-stream\r\nCache-Control: no-cache\r\nX-A: b\r\n\r\n"},
	{"tabs", "GET /events HTTP/1.1\r\nHost:\tlocalhost:8080\r\nAccept:\ttext/event-stream\t\r\nCache-Control:\t\tno-cache\t\r\nX-A:\tb\t\r\n\r\n"},
	{"spaces", "GET /events HTTP/1.1\r\nHost:     localhost:8080\r\nAccept:     text/event-stream     \r\nCache-Control:     no-cache     \r\nX-A:     b     \r\n\r\n"},
	{"content_length", "GET /events HTTP/1.1\r\nHost: localhost:8080\r\nAccept: text/event-stream\r\nCache-Control: no-cache\r\nContent-Length: 0\r\n\r\n"},
	{"keep_alive", "GET /events HTTP/1.1\r\nHost: localhost:8080\r\nAccept: text/event-stream\r\nCache-Control: no-cache\r\nConnection: keep-alive\r\n\r\n"},
}

func BenchmarkReadRequest(b *testing.B) {
	for _, head := range heads {
		text := head.text
		b.Run(head.name, func(b *testing.B) {
			source := strings.NewReader(text)
			reader := bufio.NewReader(source)
			for i := 0; i < b.N; i++ {
				source.Reset(text)
				reader.Reset(source)
				if _, err := http.ReadRequest(reader); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
