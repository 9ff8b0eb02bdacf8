import loadWabt from 'wabt';

/** WebAssembly text to the binary in base64. @throws Error that names line and column */
export async function compileWat(text) {
  const wabt = await loadWabt();
  const module = wabt.parseWat('line-scanner.wat', text, { simd: true });
  try {
    const { buffer } = module.toBinary({});
    return Buffer.from(buffer).toString('base64');
  } finally {
    module.destroy();
  }
}
