// PostGraphile 5: the schema it makes of the tables by itself, with plain lists instead of connections.
import { createServer } from 'node:http'
import { postgraphile } from 'postgraphile'
import { makePgService } from 'postgraphile/adaptors/pg'
import { grafserv } from 'postgraphile/grafserv/node'
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber'

const instance = postgraphile({
  extends: [PostGraphileAmberPreset],
  schema: { defaultBehavior: 'list' },
  grafserv: { graphiql: false, watch: false },
  grafast: { explain: false },
  pgServices: [
    makePgService({ connectionString: process.env.DATABASE, schemas: ['public'], poolConfig: { max: 8 } }),
  ],
})
const server = createServer()
await instance.createServ(grafserv).addTo(server)
server.listen(Number(process.env.PORT), '127.0.0.1')
