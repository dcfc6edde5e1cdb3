"""Documents that tests of the limits ask, and a small schema for them."""

from graphql import build_schema

SCHEMA = build_schema("""
    directive @note on FIELD
    type Query {
      learner(id: ID, by: By, at: [Int!]): Learner
      learners(first: Int, named: [String!]): Learners
      among(ids: [ID!]!): [Learner]
      node: Node
    }
    type Mutation { grant(to: String!): String }
    input By { id: ID, code: Int, need: Need }
    input Need { level: Level!, years: [Int!] }
    enum Level { LOW HIGH }
    interface Node { id: ID }
    type Learners { nodes: [Learner!] edges: [LearnerEdge!] total: Int }
    type LearnerEdge { node: Learner }
    type Learner implements Node { id: ID name: String school: School marks: [Float!] friends: [Learner!] }
    type School implements Node { id: ID friends(first: Int): Learners }
""")


def doubling(levels: int, last: str = "__typename") -> str:
    """Return a document whose fragments each spread the next one twice."""
    links = "".join(f"fragment f{i} on Query{{...f{i + 1} ...f{i + 1}}}" for i in range(levels))
    return f"{{...f0}}{links}fragment f{levels} on Query{{{last}}}"


def branching(levels: int) -> str:
    """Return a document whose fragments each select the next one under two fields."""
    two = "a{i}:school{{friends{{nodes{{...f{n}}}}}}} b{i}:school{{friends{{nodes{{...f{n}}}}}}}"
    links = "".join(f"fragment f{i} on Learner{{{two.format(i=i, n=i + 1)}}}" for i in range(levels))
    return f"{{learner{{...f0}}}}{links}fragment f{levels} on Learner{{id}}"
