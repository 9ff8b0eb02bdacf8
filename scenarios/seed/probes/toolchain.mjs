// What the Go toolchain of this machine says about names and behaviour of net/http.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const env = { ...process.env, GOTOOLCHAIN: 'local', GOWORK: 'off', GOFLAGS: '-buildvcs=false' };
const go = (args, cwd) => spawnSync('go', args, { cwd, env, encoding: 'utf8', timeout: 90_000 });

const version = go(['env', 'GOVERSION']);
if (version.status !== 0) {
  process.stdout.write(JSON.stringify({ skipped: 'there is no Go here' }));
  process.exit(0);
}

/** A small program, compiled and run. */
function runProgram(source) {
  const dir = mkdtempSync(join(tmpdir(), 'ssee-probe-'));
  try {
    writeFileSync(join(dir, 'go.mod'), 'module probe\n\ngo 1.19\n');
    writeFileSync(join(dir, 'main.go'), source);
    return go(['run', '.'], dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Whether net/http's documentation has a name; undefined where there is none to ask. */
function isDocumented(name, ...options) {
  const { status, stdout } = go(['doc', ...options, '-all', 'net/http']);
  return status === 0 && stdout ? name.test(stdout) : undefined;
}

/** Whether a type of net/http has a field or method; undefined where the compiler says something else. */
function hasMember(type, name) {
  const { status, stdout, stderr } = runProgram(
    `package main\n\nimport "net/http"\n\nfunc main() { v := &http.${type}{}; _ = v.${name} }\n`,
  );
  if (status === 0) return true;
  return `${stdout}${stderr}`.includes(`has no field or method ${name}`) ? false : undefined;
}

/** Whether StrictHeaderParsing is anywhere; false only where every place was asked. */
function findStrictParsing() {
  const places = [
    isDocumented(/StrictHeaderParsing/),
    hasMember('Server', 'StrictHeaderParsing'),
    hasMember('ServeMux', 'StrictHeaderParsing'),
  ];
  if (places.includes(true)) return true;
  return places.includes(undefined) ? undefined : false;
}

const BEHAVIOUR = `package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"time"
)

type plain struct{ http.ResponseWriter }

func main() {
	said := map[string]any{}
	read := func(text string) *http.Request {
		r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(text)))
		if err != nil {
			panic(err)
		}
		return r
	}
	r := read("GET /events HTTP/1.1\\r\\nHost: x\\r\\nAccept: text/event-stream\\r\\n\\r\\n")
	said["close_without_connection_header"] = r.Close
	kept := read("GET /events HTTP/1.1\\r\\nHost: x\\r\\nAccept: text/event-stream\\r\\nConnection: keep-alive\\r\\n\\r\\n")
	said["connection_header_changes_close"] = r.Close != kept.Close

	var w http.ResponseWriter = plain{httptest.NewRecorder()}
	_, said["wrapped_writer_is_flusher"] = w.(http.Flusher)
	func() {
		defer func() { said["assertion_without_ok_panics"] = recover() != nil }()
		w.(http.Flusher).Flush()
	}()
	func() {
		defer func() { said["assertion_with_ok_panics"] = recover() != nil }()
		if f, ok := w.(http.Flusher); ok {
			f.Flush()
		}
	}()

	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/forms" {
			// ParseMultipartForm sets Form even where it then fails.
			fmt.Fprintf(w, "parsed=%t", r.Form != nil || r.PostForm != nil || r.MultipartForm != nil)
			return
		}
		if r.URL.Path == "/implicit" {
			w.(http.Flusher).Flush()
			return
		}
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			panic(err)
		}
		defer conn.Close()
		w.Write([]byte("data: lost\\n\\n"))
		func() {
			defer func() { said["flush_after_hijack_panics"] = recover() != nil }()
			w.(http.Flusher).Flush()
		}()
		fmt.Fprint(conn, "HTTP/1.1 200 OK\\r\\nConnection: close\\r\\n\\r\\ndata: by hand\\n\\n")
	}))
	defer server.Close()
	ask := func(path string, connection string) string {
		conn, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			panic(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "GET %s HTTP/1.1\\r\\nHost: x\\r\\n%s\\r\\n", path, connection)
		// A connection that persists has no end.
		conn.SetReadDeadline(time.Now().Add(time.Second))
		var answer strings.Builder
		bufio.NewReader(conn).WriteTo(&answer)
		return answer.String()
	}
	said["flush_writes_implicit_200"] = strings.HasPrefix(ask("/implicit", "Connection: close\\r\\n"), "HTTP/1.1 200 OK")
	for id, connection := range map[string]string{"form_parsed_without_connection_header": "", "form_parsed_with_keep_alive": "Connection: keep-alive\\r\\n"} {
		if answer := ask("/forms", connection); strings.Contains(answer, "parsed=") {
			said[id] = strings.Contains(answer, "parsed=true")
		}
	}
	hijacked := ask("/hijack", "Connection: close\\r\\n")
	said["flush_works_after_hijack"] = strings.Contains(hijacked, "lost")
	said["hijacked_connection_sends"] = strings.Contains(hijacked, "by hand")
	json.NewEncoder(os.Stdout).Encode(said)
}
`;

// The block profile of a wait for the network, and of one for a channel beside it.
const BLOCKING = `package main

import (
	"bytes"
	"encoding/json"
	"net"
	"os"
	"runtime"
	"runtime/pprof"
	"strings"
	"time"
)

//go:noinline
func waitForChannel(c chan int) { <-c }

func main() {
	runtime.SetBlockProfileRate(1)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	client, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		panic(err)
	}
	server, err := listener.Accept()
	if err != nil {
		panic(err)
	}
	go func() {
		time.Sleep(300 * time.Millisecond)
		client.Write([]byte("x"))
	}()
	if _, err := server.Read(make([]byte, 1)); err != nil {
		panic(err)
	}
	c := make(chan int)
	go func() {
		time.Sleep(300 * time.Millisecond)
		c <- 1
	}()
	waitForChannel(c)
	var profile bytes.Buffer
	pprof.Lookup("block").WriteTo(&profile, 1)
	json.NewEncoder(os.Stdout).Encode(map[string]any{
		"block_profile_shows_conn_read": strings.Contains(profile.String(), "net.(*conn).Read"),
		"block_profile_shows_channel":   strings.Contains(profile.String(), "main.waitForChannel"),
	})
}
`;

/** The figures that a program prints as JSON; none where it fails. */
function ask(program) {
  const { status, stdout } = runProgram(program);
  return status === 0 && stdout ? JSON.parse(stdout) : {};
}

const goVersion = version.stdout.trim();
const [, major, minor] = /^go(\d+)\.(\d+)/.exec(goVersion) ?? [];
const isGo122 =
  major === undefined ? undefined : Number(major) > 1 || (Number(major) === 1 && Number(minor) >= 22);
// JSON leaves out what is undefined.
const figures = {
  go_version: goVersion,
  go_1_22_or_newer: isGo122,
  strict_header_parsing: isGo122 ? findStrictParsing() : undefined,
  parse_value_and_params: isDocumented(/parseValueAndParams/i, '-u'),
  ...ask(BEHAVIOUR),
  ...ask(BLOCKING),
};
process.stdout.write(JSON.stringify({ figures }));
