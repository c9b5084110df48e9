// Serves the emulator: node start.mjs <port> <seed as JSON>
import { createServer, serve } from "@emulators/core";
import google, { seedFromConfig } from "@emulators/google";

const [port, seed] = [Number(process.argv[2]), JSON.parse(process.argv[3])];
const baseUrl = `http://127.0.0.1:${port}`;
const { app, store } = createServer(google, { port, baseUrl });
seedFromConfig(store, baseUrl, seed);
serve({ fetch: app.fetch, port, hostname: "127.0.0.1" });
