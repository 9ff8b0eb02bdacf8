package main

import (
	"io"
	"testing"
)

// One event of 1 KiB per operation, the size that the article measured.
var asked = query{writer: "plain", size: 1024}

func BenchmarkWriter(b *testing.B) {
	for _, name := range []string{"plain", "naive", "pooled"} {
		write := writers[name]
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; i < b.N; i++ {
				if err := write(io.Discard, i, asked); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
