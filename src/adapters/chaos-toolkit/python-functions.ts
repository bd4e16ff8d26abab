/** A Python function that premortem does itself: its parameters, and which of them must be given. */
export interface PythonFunction { takes: readonly string[], needs: readonly string[] }
