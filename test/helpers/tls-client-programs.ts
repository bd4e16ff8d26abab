/** Programs of clients that live on: a path comes in on stdin, one line goes out, `ok` or what the client reports. */
export const CHILDREN = {
  fetch: `
    const words = (error) => {
      if (error.name === 'TimeoutError') return 'timeout'
      const { code, message = '' } = error.cause ?? error
      return code ?? message
    }
    const ask = async (path) => {
      try {
        const response = await fetch('https://localhost:' + process.env.PORT + path, { signal: AbortSignal.timeout(+process.env.PATIENCE) })
        await response.arrayBuffer()
        return response.status === 200 ? 'ok' : String(response.status)
      } catch (error) {
        return words(error)
      }
    }
    require('node:readline').createInterface({ input: process.stdin }).on('line', async (path) => { console.log(await ask(path)) })
  `,
  // A connection that was closed while it was idle is not used again, as urllib3 has it.
  python: `
import http.client, os, select, ssl, sys
context = ssl.create_default_context(cafile=os.environ['TRUST'])
if sys.argv[1] == 'TLSv1.2':
    context.maximum_version = ssl.TLSVersion.TLSv1_2
if 'OWN_CERT' in os.environ:
    context.load_cert_chain(os.environ['OWN_CERT'], os.environ['OWN_KEY'])
connection = http.client.HTTPSConnection('localhost', int(os.environ['PORT']), timeout=int(os.environ['PATIENCE']) / 1000, context=context)
def ask(path):
    if connection.sock is not None and not connection.sock.pending() and select.select([connection.sock], [], [], 0)[0]:
        connection.close()
    try:
        connection.request('GET', path)
        response = connection.getresponse()
        response.read()
        return 'ok' if response.status == 200 else str(response.status)
    except ssl.SSLCertVerificationError as error:
        connection.close()
        return error.reason + ' ' + str(error.verify_code) + ' ' + error.verify_message.split(',')[0]
    except ssl.SSLError as error:
        connection.close()
        return type(error).__name__ if error.reason is None or type(error) is not ssl.SSLError else error.reason
    except TimeoutError:
        connection.close()
        return 'timeout'
    except Exception as error:
        connection.close()
        return type(error).__name__
for line in sys.stdin:
    print(ask(line.strip()), flush=True)
`
} as const
