"""Hostile requests of our own: each asks for more than its size says, and says which limit stops it."""

from collections.abc import Iterator
from typing import Any

from bench.hostile_texts import ENTITIES, LITERAL_MARKS, HostileShape, texts


def _values() -> Iterator[HostileShape]:
    unused = "query($v:[[Int]]){__typename @include(if:true)}"
    many = "lists and objects"
    for name, value, limit in (
        ("lists", [], many),
        ("objects", {}, many),
        ("numbers", 0, "values"),
        ("nulls", None, "values"),
    ):
        yield HostileShape(
            f"very many {name} in variables",
            unused,
            {"v": [value] * (170_000 if value is not None else 100_000)},
            limit,
        )
    deep: Any = []
    for _ in range(30):
        deep = [deep]
    yield HostileShape("variables nested 30 deep", unused, {"v": deep}, "nest deeper than 20")
    yield HostileShape(
        "9,000 representations by variable", ENTITIES, {"r": [{"__typename": "A"}] * 9_000}, "more than 5000 values"
    )
    yield HostileShape("501 representations by variable", ENTITIES, {"r": [{}] * 501}, "500 items")
    yield HostileShape(
        "1,600 representations in text",
        "{_entities(representations:[" + "{a:1}" * 1_600 + "]){__typename}}",
        None,
        "tokens",
    )
    yield HostileShape(
        "1,200 representations in text",
        "{_entities(representations:[" + "{}" * 1_200 + "]){__typename}}",
        None,
        "500 items",
    )
    yield HostileShape("4,900 block strings", "{nodes(ids:[" + '""""""' * 4_900 + "]){id}}", None, "values")
    yield HostileShape("1,900 block strings", "{nodes(ids:[" + '"""a"""' * 1_900 + "]){id}}", None, "100 items")
    yield HostileShape(
        "one block string of 9,000 lines", '{node(id:"""' + "\n a" * 9_000 + '"""){id}}', None, "characters, not"
    )
    yield HostileShape("4,900 numbers", "{nodes(ids:[" + "1 " * 4_900 + "]){id}}", None, "values")
    yield HostileShape(
        "a number of 60,000 digits", "{institutions(first:" + "9" * 60_000 + "){totalCount}}", None, "64 characters"
    )
    yield HostileShape(
        "a float of 60,000 digits", "{institutions(first:0." + "9" * 60_000 + "){totalCount}}", None, "64 characters"
    )
    yield HostileShape(
        "a number of 60,000 digits as an id", "{node(id:" + "9" * 60_000 + "){id}}", None, "characters, not"
    )
    yield HostileShape("a list nested 60 deep", "{nodes(ids:" + "[" * 60 + "]" * 60 + "){id}}", None, "value depth")
    yield HostileShape(
        "a list nested 9,000 deep", "{nodes(ids:" + "[" * 9_000 + "]" * 9_000 + "){id}}", None, "nesting"
    )
    yield HostileShape(
        "an object nested 60 deep",
        "{learners(filter:" + "{a:" * 60 + "1" + "}" * 60 + "){totalCount}}",
        None,
        "value depth",
    )
    yield HostileShape("escapes", '{node(id:"' + "\\u0301" * 10_000 + '"){id}}', None, "characters, not")
    yield HostileShape("a NUL", '{node(id:"\\u0000"){id}}', None, "NUL")
    yield HostileShape(
        "a default of 30,000 marks",
        f'query($t:String="{LITERAL_MARKS}"){{institutions(after:$t){{totalCount}}}}',
        None,
        "characters, not",
    )
    yield HostileShape(
        "a default of 1,900 items", "query($i:[ID!]!=[" + "1 " * 1_900 + "]){nodes(ids:$i){id}}", None, "100 items"
    )


def _fields() -> Iterator[HostileShape]:
    for number in (201, 2_000):
        aliases = " ".join(f"a{at}:name" for at in range(number))
        yield HostileShape(
            f"{number} aliases",
            "{institutions{nodes{" + aliases + "}}}",
            None,
            "aliases" if number < 1_600 else "tokens",
        )
    yield HostileShape(
        "31 root fields", "{" + " ".join(f"a{at}:__typename" for at in range(31)) + "}", None, "root fields"
    )
    for number in (31, 300, 3_000):
        yield HostileShape(
            f"{number} duplicates", "{institutions{" + "totalCount " * number + "}}", None, "one response path"
        )
    yield HostileShape(
        "1,500 duplicates with a selection", "{" + "me{__typename}" * 1_200 + "}", None, "one response path"
    )
    yield HostileShape(
        "24 times 20 duplicates",
        "{" + ("institutions{nodes{" + "name " * 20 + "}}") * 24 + "}",
        None,
        "one response path",
    )
    yield HostileShape("29 duplicate nodes of 60 ids", "{" + ("nodes(ids:[" + '"x"' * 60 + "]){id}") * 29 + "}")
    yield HostileShape(
        "29 duplicate nodes of 100 ids", "{" + ("nodes(ids:[" + '"x"' * 100 + "]){id}") * 29 + "}", None, "values"
    )
    yield HostileShape("unknown fields", "{" + " ".join(f"f{at}" for at in range(29)) + "}", None, "Cannot query field")
    yield HostileShape(
        "900 unknown fields below", "{me{" + " ".join(f"f{at}" for at in range(900)) + "}}", None, "Cannot query field"
    )
    for depth in (16, 60, 5_000):
        limit = "nesting" if depth > 60 else "depth"
        yield HostileShape(f"{depth} deep", "{me{" + "learners{" * depth + "id" + "}" * depth + "}}", None, limit)
    yield HostileShape("a name of 60,000 letters", "{" + "a" * 60_000 + "}", None, "Cannot query field")
    yield HostileShape("an alias of 60,000 letters", "{" + "a" * 60_000 + ":__typename}")
    yield HostileShape("a comment of 65,000", "{__typename}#" + "x" * 65_000)
    yield HostileShape("60,000 commas", "{__typename" + "," * 60_000 + "}")
    yield HostileShape("text over the limit", "{__typename}#" + "x" * 66_000, None, "length")
    yield HostileShape("60,000 brackets", "{" * 60_000, None, "lists and objects")
    yield HostileShape("60,000 quotes", '"' * 60_000, None, "syntax error")
    yield HostileShape("a string that never ends", '{node(id:"' + "\\\\" * 30_000, None, "syntax error")
    yield HostileShape("a block string that never ends", '{node(id:"""' + "x" * 60_000, None, "syntax error")
    yield HostileShape("12,000 spreads of nothing", "{" + "...a " * 12_000 + "}", None, "tokens")


def _definitions() -> Iterator[HostileShape]:
    links = "".join(f"fragment f{at} on Query{{...f{at + 1} ...f{at + 1}}}" for at in range(20))
    yield HostileShape("20 fragments that double", "{...f0}" + links + "fragment f20 on Query{__typename}")
    wide = "".join(
        f"fragment g{at} on Learner{{a{at}:enrolments{{learner{{...g{at + 1}}}}}"
        f" b{at}:enrolments{{learner{{...g{at + 1}}}}}}}"
        for at in range(20)
    )
    yield HostileShape(
        "20 fragments that branch", "{me{learners{...g0}}}" + wide + "fragment g20 on Learner{id}", None, "depth"
    )
    yield HostileShape(
        "a cycle", "{...a} fragment a on Query{...b} fragment b on Query{...a}", None, "Cannot spread fragment"
    )
    yield HostileShape(
        "a cycle through fields",
        "{me{...a}} fragment a on Me{learners{identity{learners{...b}}}}"
        " fragment b on Learner{identity{learners{...b}}}",
        None,
        "depth",
    )
    fragments = " ".join(f"fragment u{at} on Query{{__typename}}" for at in range(101))
    yield HostileShape("101 fragments", "{__typename}" + fragments, None, "fragments")
    operations = " ".join(f"query q{at}{{__typename}}" for at in range(51))
    yield HostileShape("51 operations", operations, None, "operations", "q1")
    variables = " ".join(f"$v{at}:Int" for at in range(101))
    yield HostileShape("101 variables", f"query({variables}){{__typename}}", None, "variables")
    names = [f"c{at}" for at in range(90)]
    chosen = " ".join(f"{name}:name @include(if:${name})" for name in names)
    declared = " ".join(f"${name}:Boolean!" for name in names)
    yield HostileShape(
        "90 choices", f"query({declared}){{institutions(first:1){{nodes{{{chosen}}}}}}}", dict.fromkeys(names, True)
    )
    yield HostileShape(
        "five directives in one place", "{__typename " + "@skip(if:false)" * 5 + "}", None, "directives in one place"
    )
    yield HostileShape("5,000 unknown directives", "{__typename " + "@a" * 2_400 + "}", None, "directives in one place")
    spread_out = " ".join(f"a{at}:name @skip(if:false) @include(if:true)" for at in range(101))
    yield HostileShape("202 directives", "{institutions{nodes{" + spread_out + "}}}", None, "directives")
    yield HostileShape(
        "1,600 arguments of a directive",
        "{__typename @skip(" + "if:true " * 1_600 + ")}",
        None,
        "arguments in one place",
    )
    yield HostileShape(
        "1,600 arguments of a field", "{institution(" + "code:1 " * 1_600 + "){name}}", None, "arguments in one place"
    )


def _prices() -> Iterator[HostileShape]:
    def times(number: int, field: str) -> str:
        return "{" + " ".join(f"a{at}:{field}" for at in range(number)) + "}"

    yield HostileShape("accessMap 29 times", times(29, "accessMap{coordinate}"), None, "cost")
    yield HostileShape("accessMap 4 times", times(4, "accessMap{coordinate}"))
    yield HostileShape(
        "all of accessMap",
        "{accessMap{coordinate category access ways{facts unless rule basis citation} missing{code rule citation}}}",
    )
    yield HostileShape("the SDL 29 times", times(29, "_service{sdl}"), None, "cost")
    yield HostileShape("the SDL 8 times", times(8, "_service{sdl}"))
    units = 'administrativeUnits(provinceCode:"01",asOf:"2020-01-01")'
    yield HostileShape("units 31 times", times(31, units + "{code}"), None, "root fields")
    yield HostileShape(
        "units with provinces 29 times", times(29, units + "{code name fullName province{code name}}"), None, "cost"
    )
    yield HostileShape("units 19 times", times(19, units + "{code name fullName kind}"))
    yield HostileShape("reports 29 times", times(29, "minimisationReport{client}"), None, "cost")
    yield HostileShape("alarms 29 times", times(29, "alarms{at}"), None, "cost")
    yield HostileShape("explain 29 times", times(29, 'explain(document:"{__typename}"){cost}'), None, "cost")
    yield HostileShape(
        "full pages of full pages", "{institutions(first:500){nodes{learners(first:500){nodes{id}}}}}", None, "cost"
    )
    yield HostileShape("a page of two thousand million", "{institutions(first:2000000000){nodes{name}}}", None, "cost")
    yield HostileShape(
        "a page by a huge variable", "query($n:Int){institutions(first:$n){nodes{name}}}", {"n": 10**9}, "cost"
    )
    yield HostileShape("full pages 29 times", times(29, "institutions(first:500){nodes{code name kind}}"))
    yield HostileShape(
        "pages of edges and nodes",
        "{institutions(first:500){edges{node{learners(first:50){nodes{id}}}} nodes{name}}}",
        None,
        "cost",
    )
    ids = ",".join('"x"' for _ in range(60))
    yield HostileShape("nodes 29 times 60 ids", times(29, f"nodes(ids:[{ids}]){{id}}"), None, "cost")
    yield HostileShape("introspection under aliases", times(11, "__schema{types{name}}"), None, "introspection aliases")
    kinds = "ofType{" * 20 + "name" + "}" * 20
    yield HostileShape(
        "introspection 20 deep", "{__schema{types{fields{type{" + kinds + "}}}}}", None, "introspection depth"
    )
    yield HostileShape("an operation that is not there", "query a{__typename}", None, "operationName", "b" * 60_000)


SHAPES: tuple[HostileShape, ...] = (*texts(), *_values(), *_fields(), *_definitions(), *_prices())
