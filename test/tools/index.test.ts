import { describe, expect, it } from 'vitest';
import { findTool, requireTool, TOOLS } from '../../src/tools/index.ts';

describe('the list of tools', () => {
  it('finds each by its name and has no name twice', () => {
    for (const tool of TOOLS) expect(findTool(tool.name)).toBe(tool);
    expect(new Set(TOOLS.map(({ name }) => name)).size).toBe(TOOLS.length);
  });

  it('knows nothing else', () => {
    expect(findTool('siege')).toBeUndefined();
    expect(() => requireTool('siege')).toThrow('no load tool is called siege');
  });
});
