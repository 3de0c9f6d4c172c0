# The program of .ci/imports. Reads the names of source files, prints the edges between them and then each circle.
# Plain POSIX awk. Variables: `sources`, the folder with a slash behind it; `exceptions`, one a line.

{ read_file($0) }

# --- Files and modules. The name of a module is its path without `crate::`; that of the root is "".

function read_file(path,    name, line) {
    name = substr(path, length(sources) + 1)
    if (name ~ /^bin\//) return
    sub(/\.rs$/, "", name)
    sub(/(^|\/)mod$/, "", name)
    gsub(/\//, "::", name)
    file_name = substr(path, length(sources) + 1)
    module = name == "lib" || name == "main" ? "" : name
    node = module == "" ? "lib" : module
    node_of[module] = node
    count = 0
    in_comment = 0
    in_string = ""
    line_number = 0
    while ((getline line < path) > 0) {
        line_number++
        tokenize(line)
    }
    close(path)
    parse()
}

function child(parent, name) { return parent == "" ? name : parent "::" name }
function parent_of(name) { return sub(/::[^:]*$/, "", name) ? name : "" }

# --- Tokens: identifiers, "0" for a literal, "'" for a lifetime, "::", "..", and single characters.

function emit_token(text) { token[++count] = text; token_line[count] = line_number }

function tokenize(rest,    c) {
    while (rest != "") {
        if (in_comment) {
            if (!match(rest, /\/\*|\*\//)) return
            in_comment += substr(rest, RSTART, 2) == "/*" ? 1 : -1
            rest = substr(rest, RSTART + 2)
        } else if (in_string == "\\") { # with escapes
            if (!match(rest, /^([^"\\]|\\.)*"/)) return
            rest = substr(rest, RLENGTH + 1)
            in_string = ""
        } else if (in_string != "") { # raw: this is its end
            if (!index(rest, in_string)) return
            rest = substr(rest, index(rest, in_string) + length(in_string))
            in_string = ""
        } else if (match(rest, /^[ \t\r]+/)) {
            rest = substr(rest, RLENGTH + 1)
        } else if (rest ~ /^\/\//) {
            return
        } else if (rest ~ /^\/\*/) {
            in_comment = 1
            rest = substr(rest, 3)
        } else if (match(rest, /^[bc]?r#*"/)) {
            in_string = substr(rest, 1, RLENGTH)
            gsub(/[^#]/, "", in_string)
            in_string = "\"" in_string
            rest = substr(rest, RLENGTH + 1)
            emit_token("0")
        } else if (match(rest, /^[bc]?"/)) {
            in_string = "\\"
            rest = substr(rest, RLENGTH + 1)
            emit_token("0")
        } else if (match(rest, /^b?'([^'\\]|\\(u[{][0-9a-fA-F_]*[}]|x..|.))'/)) {
            rest = substr(rest, RLENGTH + 1)
            emit_token("0")
        } else if (match(rest, /^'[A-Za-z_][A-Za-z0-9_]*/)) {
            rest = substr(rest, RLENGTH + 1)
            emit_token("'")
        } else if (match(rest, /^(r#)?[A-Za-z_][A-Za-z0-9_]*/)) {
            c = substr(rest, 1, RLENGTH)
            rest = substr(rest, RLENGTH + 1)
            sub(/^r#/, "", c)
            emit_token(c)
        } else if (match(rest, /^[0-9][A-Za-z0-9_]*/)) {
            rest = substr(rest, RLENGTH + 1)
            emit_token("0")
        } else if (rest ~ /^(::|\.\.)/) {
            emit_token(substr(rest, 1, 2))
            rest = substr(rest, 3)
        } else {
            emit_token(substr(rest, 1, 1))
            rest = substr(rest, 2)
        }
    }
}

function is_name(text) { return text ~ /^[A-Za-z_]/ }

# --- Parsing.

function parse(    at, depth, stack, top, visible) {
    top = 0
    depth = 0
    visible = 0
    at = 1
    while (at <= count) {
        if (token[at] == "#") {
            if (test_attribute(at)) at = end_of_item(at)
            else at = end_of_attribute(at)
            continue
        }
        if (token[at] == "{") depth++
        if (token[at] == "}") {
            depth--
            if (top && stack[top, "depth"] == depth) {
                module = stack[top, "module"]
                node = stack[top--, "node"]
            }
        }
        if (token[at] == "pub") {
            visible = 1
            at++
            if (token[at] == "(" && token[at + 1] ~ /^(crate|self|super|in)$/) {
                while (token[at] != ")") at++
                at++
            }
            continue
        }
        if (token[at] ~ /^(struct|enum|union|trait|fn|type|const|static)$/) defined[module, token[at + 1]] = 1
        if (token[at] == "macro_rules") defined[module, token[at + 2]] = 1
        if (token[at] == "mod" && is_name(token[at + 1]) && token[at + 2] ~ /^[{;]$/) {
            is_child[child(module, token[at + 1])] = 1
            if (token[at + 2] == "{") {
                stack[++top, "module"] = module
                stack[top, "node"] = node
                stack[top, "depth"] = depth++
                module = child(module, token[at + 1])
                if (node == "lib") node = "lib::" token[at + 1]
                node_of[module] = node
            }
            at += 3
        } else if (token[at] == "use" && token[at + 1] != "<") {
            at = parse_use(at + 1, "", visible) + 1
        } else if (token[at] == "::") {
            at += is_name(token[at + 1]) ? 2 : 1 # of the path of another crate, or after a type
        } else if (is_name(token[at]) && token[at - 1] != ".") {
            at = parse_path(at)
        } else {
            at++
        }
        visible = 0
    }
}

function end_of_attribute(at,    depth) {
    while (token[at] != "[" && at <= count) at++
    do {
        if (token[at] == "[") depth++
        if (token[at] == "]") depth--
        at++
    } while (depth > 0 && at <= count)
    return at
}

# `#[cfg(test)]`, or `#[cfg(all(test, ..))]`.
function test_attribute(at) {
    if (token[at + 1] != "[" || token[at + 2] != "cfg" || token[at + 3] != "(") return 0
    return token[at + 4] == "test" || token[at + 4] == "all" && token[at + 6] == "test"
}

# Returns the index behind the item, field or expression whose attributes begin at `at`.
function end_of_item(at,    depth, comma) {
    while (token[at] == "#") at = end_of_attribute(at)
    # A comma ends a field or an expression. In an item it separates generics.
    comma = token[at] !~ /^(pub|use|mod|fn|const|static|type|struct|enum|union|trait|impl|async|unsafe|extern)$/ \
        && token[at] != "macro_rules"
    for (depth = 0; at <= count; at++) {
        if (token[at] == "mod" && token[at + 2] == ";") is_test[child(module, token[at + 1])] = 1
        if (index("([{", token[at])) depth++
        if (index(")]}", token[at])) depth--
        if (depth < 0) return at # the end of what the field or expression is in
        if (depth == 0 && (token[at] == ";" || token[at] == "}" || comma && token[at] == ",")) return at + 1
    }
    return at
}

# Reads a tree of imports. Returns the index of the token behind it.
function parse_use(at, prefix, visible,    path, alias) {
    path = prefix
    if (token[at] == "::") { path = "extern"; at++ }
    while (at <= count) {
        if (token[at] == "{") {
            at++
            while (token[at] != "}" && at <= count) {
                at = parse_use(at, path, visible)
                if (token[at] == ",") at++
            }
            return at + 1
        }
        if (token[at] == "*") {
            add_import(path, "*", visible, at)
            return at + 1
        }
        if (token[at] == "self" && path != "") {
            alias = last_of(path)
        } else {
            alias = token[at]
            path = path == "" ? alias : path "::" alias
        }
        at++
        if (token[at] == "::") { at++; continue }
        if (token[at] == "as") { alias = token[at + 1]; at += 2 }
        add_import(path, alias, visible, at - 1)
        return at
    }
    return at
}

function last_of(path) { sub(/.*::/, "", path); return path }

function add_import(path, alias, visible, at) {
    imports++
    import_path[imports] = path
    import_alias[imports] = alias
    import_module[imports] = module
    import_visible[imports] = visible
    import_place[imports] = file_name ":" token_line[at]
    if (alias == "*") globs[module] = globs[module] " " imports
    else by_alias[module, alias] = imports
}

# Reads a path in code. Returns the index of the token behind it.
function parse_path(at,    path, start) {
    start = at
    path = token[at++]
    while (token[at] == "::" && is_name(token[at + 1])) {
        path = path "::" token[at + 1]
        at += 2
    }
    named[node, token[start]] = 1
    if (at - start > 1) {
        paths++
        code_path[paths] = path
        code_module[paths] = module
        code_place[paths] = file_name ":" token_line[start]
    }
    return at
}

# --- Resolving.

# Returns the file that defines what `path` means in module `from`, or "" if that is in another crate. A module
# is defined by its own file. `skip` is the import being resolved, which must not resolve to itself.
function resolve(path, from, skip, depth,    parts, n, i, at, inner) {
    if (depth > 30) return ""
    n = split(path, parts, "::")
    i = 1
    if (parts[1] == "crate") { at = ""; i = 2 }
    else if (parts[1] == "self") { at = from; i = 2 }
    else if (parts[1] == "super") {
        at = from
        while (parts[i] == "super") { at = parent_of(at); i++ }
    } else if (is_child[child(from, parts[1])]) at = from
    else if (n > 1 && is_module_alias(from, parts[1], skip)) at = from
    else return "" # another crate, or an item whose import counts already
    for (; i <= n; i++) {
        if (is_child[child(at, parts[i])]) {
            at = child(at, parts[i])
        } else if ((at, parts[i]) in by_alias && by_alias[at, parts[i]] != skip) {
            inner = by_alias[at, parts[i]]
            path = import_path[inner]
            for (i++; i <= n; i++) path = path "::" parts[i]
            inner = resolve(path, import_module[inner], inner, depth + 1)
            return inner == "" ? node_of[at] : inner # re-exported from another crate
        } else {
            inner = through_globs(at, parts, i, n, skip, depth)
            return inner == "" ? node_of[at] : inner
        }
    }
    return node_of[at]
}

function is_module_alias(from, name, skip) {
    if (!((from, name) in by_alias) || by_alias[from, name] == skip) return 0
    return module_at(import_path[by_alias[from, name]], from) != "none"
}

# Looks for the item in the modules that module `at` imports with `*`. Returns "" if none of them has it.
function through_globs(at, parts, i, n, skip, depth,    list, count, g, target, path, k) {
    count = split(globs[at], list, " ")
    for (g = 1; g <= count; g++) {
        if (list[g] == skip) continue
        target = module_at(import_path[list[g]], import_module[list[g]])
        if (target == "none") continue
        if (is_child[child(target, parts[i])] || (target, parts[i]) in by_alias || (target, parts[i]) in defined) {
            path = "self"
            for (k = i; k <= n; k++) path = path "::" parts[k]
            return resolve(path, target, list[g], depth + 1)
        }
    }
    return ""
}

# Returns the module that a path means, or "none" if it means something else.
function module_at(path, from,    parts, n, i, at) {
    n = split(path, parts, "::")
    i = 1
    at = from
    if (parts[1] == "crate") { at = ""; i = 2 }
    else if (parts[1] == "self") i = 2
    else while (parts[i] == "super") { at = parent_of(at); i++ }
    for (; i <= n; i++) {
        at = child(at, parts[i])
        if (!is_child[at]) return "none"
    }
    return at
}

function is_test_module(name) {
    for (;; name = parent_of(name)) {
        if (is_test[name]) return 1
        if (name == "") return 0
    }
}

function add_edge(module, path, skip, place,    from, to) {
    if (is_test_module(module)) return
    from = node_of[module]
    to = resolve(path, module, skip, 0)
    if (to == "" || to == from) return
    if (!((from, to) in edge)) {
        edge[from, to] = 1
        edge_list[++edges] = from " -> " to
        reason[from, to] = place
    }
    path = last_of(path)
    if (index(" " names[from, to] ",", " " path ",") == 0)
        names[from, to] = names[from, to] (names[from, to] == "" ? "" : ",") " " path
}

# --- Circles.

# Adds to `reached` what `from` leads to, by edges that are not excepted.
function reach(from, reached,    queue, head, tail, i, ends) {
    head = tail = 1
    queue[1] = from
    while (head <= tail) {
        for (i = 1; i <= edges; i++) {
            split(edge_list[i], ends, " -> ")
            if (ends[1] == queue[head] && !(edge_list[i] in why) && !(ends[2] in reached)) {
                reached[ends[2]] = 1
                queue[++tail] = ends[2]
            }
        }
        head++
    }
}

# Returns the shortest circle through `from`.
function circle(from,    queue, head, tail, i, ends, before, way, at) {
    head = tail = 1
    queue[1] = from
    while (head <= tail) {
        for (i = 1; i <= edges; i++) {
            split(edge_list[i], ends, " -> ")
            if (ends[1] != queue[head] || edge_list[i] in why || ends[2] in before) continue
            before[ends[2]] = ends[1]
            if (ends[2] == from) {
                way = from
                for (at = before[from]; at != from; at = before[at]) way = at " -> " way
                return from " -> " way
            }
            queue[++tail] = ends[2]
        }
        head++
    }
}

function sort_edges(    i, j, one) {
    for (i = 2; i <= edges; i++) {
        one = edge_list[i]
        for (j = i - 1; j >= 1 && edge_list[j] > one; j--) edge_list[j + 1] = edge_list[j]
        edge_list[j + 1] = one
    }
}

END {
    for (i = 1; i <= imports; i++) {
        if (import_alias[i] == "*") {
            if (!import_visible[i]) add_edge(import_module[i], import_path[i], i, import_place[i])
        } else if (!import_visible[i] || (node_of[import_module[i]], import_alias[i]) in named)
            add_edge(import_module[i], import_path[i], i, import_place[i])
    }
    for (i = 1; i <= paths; i++) add_edge(code_module[i], code_path[i], 0, code_place[i])
    sort_edges()

    lines = split(exceptions, excepted, "\n")
    for (i = 1; i <= lines; i++) if (match(excepted[i], /: /)) {
        why[substr(excepted[i], 1, RSTART - 1)] = substr(excepted[i], RSTART + 2)
    }
    for (i = 1; i <= edges; i++) {
        note = edge_list[i] in why ? "  (excepted: " why[edge_list[i]] ")" : ""
        print edge_list[i] note
    }

    failed = 0
    for (one in why) {
        split(one, ends, " -> ")
        split("", reached)
        reach(ends[2], reached)
        if (!((ends[1], ends[2]) in edge) || !(ends[1] in reached)) {
            print "this exception closes no circle: " one
            failed = 1
        }
    }
    for (i = 1; i <= edges; i++) {
        split(edge_list[i], ends, " -> ")
        start = ends[1]
        if (start in told) continue
        split("", reached)
        reach(start, reached)
        if (!(start in reached)) continue
        failed = 1
        # Everything that `start` leads to and that leads back to it.
        split("", members)
        size = 0
        for (other in reached) {
            split("", back)
            reach(other, back)
            if (start in back) { members[other] = 1; told[other] = 1; size++ }
        }
        printf "\ncircle: %s (%d files import one another)\n", circle(start), size
        for (j = 1; j <= edges; j++) {
            split(edge_list[j], ends, " -> ")
            if (ends[1] in members && ends[2] in members && !(edge_list[j] in why))
                printf "  %s:%s (%s)\n", edge_list[j], names[ends[1], ends[2]], reason[ends[1], ends[2]]
        }
    }
    exit failed
}
