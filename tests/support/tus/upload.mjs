// Uploads a file with tus-js-client: node upload.mjs FILE STORAGE OPTIONS
// STORAGE is a file in which the client notes unfinished uploads; if FILE is one of them, it is resumed. OPTIONS are the
// client's own, as JSON. Prints the upload's address.
import { createReadStream } from 'node:fs'
import { FileUrlStorage, Upload } from 'tus-js-client'

const [path, storage, options] = process.argv.slice(2)
const upload = new Upload(createReadStream(path), {
  ...JSON.parse(options),
  retryDelays: null,
  urlStorage: new FileUrlStorage(storage),
  onSuccess: () => console.log(upload.url),
  onError: (error) => {
    console.error(String(error))
    process.exitCode = 1
  },
})
const [unfinished] = await upload.findPreviousUploads()
if (unfinished) upload.resumeFromPreviousUpload(unfinished)
upload.start()
