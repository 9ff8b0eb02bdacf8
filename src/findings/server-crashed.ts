import type { Rule } from '../model/finding.ts';

/** The target ended by itself while it was measured. */
export const serverCrashed: Rule = {
  code: 'server-crashed',
  needs: ['a target that the harness has started'],
  evaluate({ trials }) {
    const watched = trials.filter(({ target }) => target?.pid !== undefined || target?.died);
    if (watched.length === 0) {
      return { outcome: 'insufficient-data', missing: ['a target that the harness has started'] };
    }
    const deaths = watched.flatMap(({ trialId, target }) => {
      if (!target?.died) return [];
      const { signal, code, atMs } = target.died;
      const how = signal ? `by ${signal}` : `with exit code ${code}`;
      return [`in ${trialId} the target ended ${how}, ${(atMs / 1000).toFixed(1)} s after it was started`];
    });
    if (deaths.length === 0) {
      return { outcome: 'clear', because: [`the target outlived all ${watched.length} trials`] };
    }
    const against =
      deaths.length < watched.length ? [`it outlived ${watched.length - deaths.length} other trials`] : [];
    return {
      outcome: 'found',
      class: 'hard-event',
      weight: 1,
      sentence:
        'The target ended in the middle of the measurement: figures cover a server that was gone for part of it.',
      because: deaths,
      against,
    };
  },
};
