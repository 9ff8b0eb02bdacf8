// For k6 built with github.com/phymbert/xk6-sse. Runs in k6, not in Node.
import sse from 'k6/x/sse';

const seconds = Number(__ENV.SSEE_SECONDS);

export const options = {
  vus: Number(__ENV.SSEE_CONNECTIONS),
  duration: `${seconds}s`,
  // An endless stream never ends its iteration: k6 has to cut it.
  gracefulStop: '0s',
};

export default function holdStream() {
  const endsAtMs = Date.now() + seconds * 1000;
  sse.open(__ENV.SSEE_URL, { method: 'GET', headers: { Accept: 'text/event-stream' } }, (client) => {
    client.on('event', () => {
      if (Date.now() >= endsAtMs) client.close();
    });
  });
}
