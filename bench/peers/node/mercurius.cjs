// Mercurius on Fastify: its own loaders with their cache, queries compiled by graphql-jit from their first use.
const { readFileSync } = require('node:fs')
const { join } = require('node:path')
const registers = require('./registers.cjs')

// A loader reads each distinct key once and gives every row its answer.
const loader = (key, read) => async rows => {
  const keys = [...new Set(rows.map(({ obj }) => obj[key]))]
  const answers = await read(keys)
  const byKey = new Map(keys.map((one, place) => [one, answers[place]]))
  return rows.map(({ obj }) => byKey.get(obj[key]))
}

const institution = loader('institutionId', registers.institutions)
const app = require('fastify')({ logger: false })
app.register(require('mercurius'), {
  schema: readFileSync(join(__dirname, 'schema.graphql'), 'utf8'),
  resolvers: {
    Query: {
      learner: (_, { id }) => registers.learner(id),
      learners: (_, { provinceCode, first }) => registers.learnersOf(provinceCode, first),
      learnersByCitizenIds: (_, { ids }) => registers.learnersByNumber(ids),
    },
  },
  loaders: {
    Learner: {
      enrolments: loader('id', registers.enrolments),
      credentials: loader('id', registers.credentials),
      residencies: loader('id', registers.residencies),
      currentInstitution: institution,
    },
    Enrolment: { institution },
    Credential: { institution },
  },
  jit: 1,
  graphiql: false,
})
app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' })
