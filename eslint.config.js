import neostandard from 'neostandard'

const kernelOnly = 'stands only in src/kernel: take a Clock or a Random as an argument'

export default [
  ...neostandard({ ts: true, ignores: ['dist', '.tap', 'coverage', 'premortem.data'] }),
  {
    rules: {
      'max-len': ['error', { code: 130, ignoreUrls: true, ignoreTemplateLiterals: true, ignoreStrings: true, ignoreRegExpLiterals: true }],
      'no-void': 'off',
      '@stylistic/object-property-newline': 'off'
    }
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/kernel/**'],
    rules: {
      'no-restricted-globals': ['error',
        ...['setTimeout', 'setInterval', 'setImmediate', 'performance'].map((name) => ({ name, message: kernelOnly }))],
      'no-restricted-properties': ['error',
        { object: 'Math', property: 'random', message: kernelOnly },
        { object: 'Date', property: 'now', message: kernelOnly }],
      'no-console': 'error'
    }
  }
]
