// Command cpu-of runs a program to its end and writes what the kernel charged it for: `cpu-of FILE PROGRAM ARGS...`.
//
// The figures are those of wait4(2) for the program and every child that it waited for. Linux keeps the sum of user
// and system time of a thread in nanoseconds; only the split between the two is sampled.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
)

// Exit codes as in env(1) and nohup(1): the program could not be started, or this one failed.
const (
	exitNotStarted = 127
	exitBroken     = 125
)

type usage struct {
	UserUs       int64 `json:"userUs"`
	SystemUs     int64 `json:"systemUs"`
	PeakRssBytes int64 `json:"peakRssBytes"`
}

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: cpu-of FILE PROGRAM [ARGUMENT...]")
		os.Exit(exitBroken)
	}
	// A signal to the process group is for the program, which may have something to report: this one outlives it.
	// Caught and not ignored, because what is ignored stays ignored in the program.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGINT, syscall.SIGTERM)

	program := exec.Command(os.Args[2], os.Args[3:]...)
	program.Stdin, program.Stdout, program.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := program.Start(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(exitNotStarted)
	}
	// Its error is the exit code, which is handed on below.
	_ = program.Wait()

	charged := program.ProcessState.SysUsage().(*syscall.Rusage)
	text, err := json.Marshal(usage{
		UserUs:       charged.Utime.Nano() / 1000,
		SystemUs:     charged.Stime.Nano() / 1000,
		PeakRssBytes: int64(charged.Maxrss) * 1024,
	})
	if err == nil {
		err = os.WriteFile(os.Args[1], append(text, '\n'), 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(exitBroken)
	}
	status := program.ProcessState.Sys().(syscall.WaitStatus)
	if status.Signaled() {
		os.Exit(128 + int(status.Signal()))
	}
	os.Exit(status.ExitStatus())
}
