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

/** What a small program says, or undefined where it does not compile. */
function runProgram(source) {
  const dir = mkdtempSync(join(tmpdir(), 'ssee-probe-'));
  try {
    writeFileSync(join(dir, 'go.mod'), 'module probe\n\ngo 1.19\n');
    writeFileSync(join(dir, 'main.go'), source);
    const { status, stdout } = go(['run', '.'], dir);
    return status === 0 ? stdout : undefined;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
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
	said["multipart_form_parsed"] = r.MultipartForm != nil
	said["close_without_connection_header"] = r.Close

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
	ask := func(path string) string {
		conn, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			panic(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "GET %s HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n", path)
		var answer strings.Builder
		bufio.NewReader(conn).WriteTo(&answer)
		return answer.String()
	}
	said["flush_writes_implicit_200"] = strings.HasPrefix(ask("/implicit"), "HTTP/1.1 200 OK")
	hijacked := ask("/hijack")
	said["flush_works_after_hijack"] = strings.Contains(hijacked, "lost")
	said["hijacked_connection_sends"] = strings.Contains(hijacked, "by hand")
	json.NewEncoder(os.Stdout).Encode(said)
}
`;
const figures = {
  go_version: version.stdout.trim(),
  strict_header_parsing:
    /StrictHeaderParsing/.test(go(['doc', '-all', 'net/http']).stdout) ||
    runProgram(
      'package main\n\nimport "net/http"\n\nfunc main() { s := http.Server{}; _ = s.StrictHeaderParsing; m := http.ServeMux{}; _ = m.StrictHeaderParsing }\n',
    ) !== undefined,
  parse_value_and_params: /parseValueAndParams/i.test(go(['doc', '-u', '-all', 'net/http']).stdout),
};
const behaviour = runProgram(BEHAVIOUR);
process.stdout.write(
  JSON.stringify({ figures: { ...figures, ...(behaviour ? JSON.parse(behaviour) : {}) } }),
);
