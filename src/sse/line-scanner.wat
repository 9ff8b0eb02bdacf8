;; Finds line ends sixteen bytes at a time. `npm run wasm` compiles this into line-scanner-module.ts.
;;
;; Memory: text in the first 64 KiB, then the positions that were found, four bytes each. Six pages hold 64 Ki positions
;; and the fifteen that the last vector may add.
(module
  (memory (export "memory") 6)

  ;; Stores the positions of every LF and CR in [start, end), ascending, and returns how many there are.
  (func (export "scan") (param $start i32) (param $end i32) (result i32)
    (local $out i32)
    (local $mask i32)
    (local $bytes v128)
    (local.set $out (i32.const 65536))
    (block $scanned
      (loop $vector
        (br_if $scanned (i32.ge_u (local.get $start) (local.get $end)))
        ;; May read beyond the end: what is found there is dropped below.
        (local.set $bytes (v128.load (local.get $start)))
        (local.set $mask
          (i8x16.bitmask
            (v128.or
              (i8x16.eq (local.get $bytes) (i8x16.splat (i32.const 10)))
              (i8x16.eq (local.get $bytes) (i8x16.splat (i32.const 13))))))
        (block $stored
          (loop $position
            (br_if $stored (i32.eqz (local.get $mask)))
            (i32.store (local.get $out) (i32.add (local.get $start) (i32.ctz (local.get $mask))))
            (local.set $out (i32.add (local.get $out) (i32.const 4)))
            ;; Clear the lowest bit.
            (local.set $mask (i32.and (local.get $mask) (i32.sub (local.get $mask) (i32.const 1))))
            (br $position)))
        (local.set $start (i32.add (local.get $start) (i32.const 16)))
        (br $vector)))
    (block $trimmed
      (loop $beyond
        (br_if $trimmed (i32.eq (local.get $out) (i32.const 65536)))
        (br_if $trimmed
          (i32.lt_u (i32.load (i32.sub (local.get $out) (i32.const 4))) (local.get $end)))
        (local.set $out (i32.sub (local.get $out) (i32.const 4)))
        (br $beyond)))
    (i32.shr_u (i32.sub (local.get $out) (i32.const 65536)) (i32.const 2))))
