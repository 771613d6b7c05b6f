/** Start time of a process as opaque text, or undefined when no such process runs. A zombie counts as gone. */
export declare function startOf(pid: number): string | undefined;
