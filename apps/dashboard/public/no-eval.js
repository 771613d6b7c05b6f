// Zod would try to make code of a string, for speed. The content policy forbids it, and browsers show and report each attempt; so
// it is told before its first schema is made, which is before any module of ours runs.
globalThis.__zod_globalConfig = { jitless: true };
