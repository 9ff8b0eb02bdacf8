;; Finds and classifies the lines of an event stream. `npm run wasm` compiles this into line-scanner-module.ts.
;;
;; Memory: 64 bytes to spare, two blocks of 64 KiB for text, 64 bytes to spare, then the records. Eleven pages hold a
;; record for each of 64 Ki blank lines and what follows the last.
;;
;; A record is two words: where the value begins with the kind of line in the highest byte, and where the value ends.
;;
;; No length of a line is looked at before its name is compared: the LF or CR that ends a line is part of no name.
(module
  (memory (export "memory") 11)

  ;; Kinds of lines, for line-scanner.ts too. 0 is data; 1 is data with the blank line that ends the event right after it.
  (global $end i32 (i32.const 0x2000000))
  (global $id i32 (i32.const 0x3000000))
  (global $comment i32 (i32.const 0x4000000))
  (global $event i32 (i32.const 0x5000000))
  (global $retry i32 (i32.const 0x6000000))
  (global $records i32 (i32.const 131200))

  ;; Where the value begins whose name ends at $after: behind colon and one space, or here without a colon.
  ;; 0 if this is not the end of the name.
  (func $value (param $after i32) (result i32)
    (local $byte i32)
    (local.set $byte (i32.load8_u (local.get $after)))
    (if (i32.eq (local.get $byte) (i32.const 0x3a))
      (then
        (return
          (i32.add
            (i32.add (local.get $after) (i32.const 1))
            (i32.eq (i32.load8_u offset=1 (local.get $after)) (i32.const 0x20))))))
    (select
      (local.get $after)
      (i32.const 0)
      (i32.or
        (i32.eq (local.get $byte) (i32.const 10))
        (i32.eq (local.get $byte) (i32.const 13)))))

  ;; Whether there is a NUL in [start, stop).
  (func $has_nul (param $start i32) (param $stop i32) (result i32)
    (loop $byte
      (if (i32.ge_u (local.get $start) (local.get $stop)) (then (return (i32.const 0))))
      (if (i32.eqz (i32.load8_u (local.get $start))) (then (return (i32.const 1))))
      (local.set $start (i32.add (local.get $start) (i32.const 1)))
      (br $byte))
    (unreachable))

  ;; Writes a record for each line of [start, end) that means something, in order, and after them the position of the
  ;; line that has not ended. Returns how many words the records take. An LF at $start counts as a blank line.
  ;; Line ends are looked for from $base on.
  (func (export "scan") (param $start i32) (param $base i32) (param $end i32) (result i32)
    (local $out i32)
    ;; Line ends among the 64 bytes from $base that have not been looked at.
    (local $ends i64)
    (local $bytes v128)
    ;; The line.
    (local $pos i32)
    (local $stop i32)
    (local $name i32)
    (local $kind i32)
    (local $value i32)
    ;; Equals $out while the last record is of a data line whose event goes on.
    (local $after_data i32)
    (local.set $out (global.get $records))
    (local.set $pos (local.get $start))
    (block $scanned
      (loop $vectors
        (br_if $scanned (i32.ge_u (local.get $base) (local.get $end)))
        (local.set $bytes (v128.load (local.get $base)))
        (local.set $ends
          (i64.extend_i32_u
            (i8x16.bitmask
              (v128.or
                (i8x16.eq (local.get $bytes) (i8x16.splat (i32.const 10)))
                (i8x16.eq (local.get $bytes) (i8x16.splat (i32.const 13)))))))
        (local.set $bytes (v128.load offset=16 (local.get $base)))
        (local.set $ends
          (i64.or
            (local.get $ends)
            (i64.shl
              (i64.extend_i32_u
                (i8x16.bitmask
                  (v128.or
                    (i8x16.eq (local.get $bytes) (i8x16.splat (i32.const 10)))
                    (i8x16.eq (local.get $bytes) (i8x16.splat (i32.const 13))))))
              (i64.const 16))))
        (local.set $bytes (v128.load offset=32 (local.get $base)))
        (local.set $ends
          (i64.or
            (local.get $ends)
            (i64.shl
              (i64.extend_i32_u
                (i8x16.bitmask
                  (v128.or
                    (i8x16.eq (local.get $bytes) (i8x16.splat (i32.const 10)))
                    (i8x16.eq (local.get $bytes) (i8x16.splat (i32.const 13))))))
              (i64.const 32))))
        (local.set $bytes (v128.load offset=48 (local.get $base)))
        (local.set $ends
          (i64.or
            (local.get $ends)
            (i64.shl
              (i64.extend_i32_u
                (i8x16.bitmask
                  (v128.or
                    (i8x16.eq (local.get $bytes) (i8x16.splat (i32.const 10)))
                    (i8x16.eq (local.get $bytes) (i8x16.splat (i32.const 13))))))
              (i64.const 48))))
        ;; What was read beyond the end is dropped.
        (if (i32.lt_u (i32.sub (local.get $end) (local.get $base)) (i32.const 64))
          (then
            (local.set $ends
              (i64.and
                (local.get $ends)
                (i64.sub
                  (i64.shl
                    (i64.const 1)
                    (i64.extend_i32_u (i32.sub (local.get $end) (local.get $base))))
                  (i64.const 1))))))
        (block $none
          (loop $line
            (br_if $none (i64.eqz (local.get $ends)))
            (local.set $stop
              (i32.add (local.get $base) (i32.wrap_i64 (i64.ctz (local.get $ends)))))
            ;; Clear the lowest bit.
            (local.set $ends
              (i64.and (local.get $ends) (i64.sub (local.get $ends) (i64.const 1))))
            (block $read
              (block $classified
                (if (i32.eq (local.get $stop) (local.get $pos))
                  (then
                    (if (i32.eq (i32.load16_u (i32.sub (local.get $stop) (i32.const 1))) (i32.const 0x0a0d))
                      (then
                        ;; The LF of a CR LF, unless the CR is no part of the text.
                        (br_if $read (i32.ne (local.get $stop) (local.get $start)))))
                    (if (i32.eq (local.get $after_data) (local.get $out))
                      (then
                        (i32.store8 (i32.sub (local.get $out) (i32.const 5)) (i32.const 1))
                        (local.set $after_data (i32.const 0))
                        (br $read)))
                    (local.set $kind (global.get $end))
                    (br $classified)))
                (local.set $name (i32.load (local.get $pos)))
                ;; data
                (if (i32.eq (local.get $name) (i32.const 0x61746164))
                  (then
                    (if (i32.eq (i32.load16_u offset=4 (local.get $pos)) (i32.const 0x203a))
                      (then (local.set $value (i32.add (local.get $pos) (i32.const 6))))
                      (else
                        (local.set $value (call $value (i32.add (local.get $pos) (i32.const 4))))
                        (br_if $read (i32.eqz (local.get $value)))))
                    (i32.store (local.get $out) (local.get $value))
                    (i32.store offset=4 (local.get $out) (local.get $stop))
                    (local.set $out (i32.add (local.get $out) (i32.const 8)))
                    (local.set $after_data (local.get $out))
                    (br $read)))
                ;; id
                (if (i32.eq (i32.and (local.get $name) (i32.const 0xffff)) (i32.const 0x6469))
                  (then
                    (if (i32.eq (local.get $name) (i32.const 0x203a6469))
                      (then (local.set $value (i32.add (local.get $pos) (i32.const 4))))
                      (else
                        (local.set $value (call $value (i32.add (local.get $pos) (i32.const 2))))
                        (br_if $read (i32.eqz (local.get $value)))))
                    ;; An id with NUL is ignored. Up to sixteen bytes are looked at together.
                    (if
                      (i32.lt_u
                        (i32.ctz
                          (i32.or
                            (i8x16.bitmask
                              (i8x16.eq (v128.load (local.get $value)) (v128.const i64x2 0 0)))
                            (i32.const 0x10000)))
                        (i32.sub (local.get $stop) (local.get $value)))
                      (then
                        (br_if $read (call $has_nul (local.get $value) (local.get $stop)))))
                    (local.set $kind (global.get $id))
                    (br $classified)))
                (if (i32.eq (i32.and (local.get $name) (i32.const 0xff)) (i32.const 0x3a))
                  (then
                    (local.set $value (i32.add (local.get $pos) (i32.const 1)))
                    (local.set $kind (global.get $comment))
                    (br $classified)))
                ;; even, t
                (if (i32.eq (local.get $name) (i32.const 0x6e657665))
                  (then
                    (if (i32.eq (i32.load offset=3 (local.get $pos)) (i32.const 0x203a746e))
                      (then (local.set $value (i32.add (local.get $pos) (i32.const 7))))
                      (else
                        (br_if $read (i32.ne (i32.load8_u offset=4 (local.get $pos)) (i32.const 0x74)))
                        (local.set $value (call $value (i32.add (local.get $pos) (i32.const 5))))
                        (br_if $read (i32.eqz (local.get $value)))))
                    (local.set $kind (global.get $event))
                    (br $classified)))
                ;; retr, y
                (br_if $read (i32.ne (local.get $name) (i32.const 0x72746572)))
                (br_if $read (i32.ne (i32.load8_u offset=4 (local.get $pos)) (i32.const 0x79)))
                (local.set $value (call $value (i32.add (local.get $pos) (i32.const 5))))
                (br_if $read (i32.eqz (local.get $value)))
                (local.set $kind (global.get $retry)))
              (i32.store (local.get $out) (i32.or (local.get $value) (local.get $kind)))
              (i32.store offset=4 (local.get $out) (local.get $stop))
              (local.set $out (i32.add (local.get $out) (i32.const 8))))
            (local.set $pos (i32.add (local.get $stop) (i32.const 1)))
            (br $line)))
        (local.set $base (i32.add (local.get $base) (i32.const 64)))
        (br $vectors)))
    (i32.store (local.get $out) (local.get $pos))
    (i32.shr_u (i32.sub (local.get $out) (global.get $records)) (i32.const 2))))
