// Given to every test process by .taprc: types are taken off once for each version of a file, not once for each process.
import { register } from 'node:module'

register('./strip-hooks.mjs', import.meta.url)
