/** A Python function that premortem does itself: its parameters, and which of them must be given. */
export interface PythonFunction { takes: readonly string[], needs: readonly string[] }

/** Every Python function that a provider may name here, by module and function. */
export const PYTHON_FUNCTIONS: Readonly<Record<string, PythonFunction>> = {
  'os.path.exists': { takes: ['path'], needs: ['path'] },
  'chaosaddons.utils.idle.idle_for': { takes: ['duration'], needs: ['duration'] }
}
