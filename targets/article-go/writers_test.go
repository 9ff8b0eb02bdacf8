package main

import (
	"io"
	"testing"
)

// One event of 1 KiB per operation, the size that the article measured. Its data is there before the writer begins.
var asked = dataOf(1000, query{size: 1024})

func BenchmarkWriter(b *testing.B) {
	for _, name := range []string{"plain", "naive", "pooled", "printed"} {
		write := writers[name]
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; i < b.N; i++ {
				if err := write(io.Discard, 1000+i, asked); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
