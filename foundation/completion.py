"""Completion of a command for bash: a table of what may follow, and a function that reads it.

Bash asks the function for the words that may stand at the cursor (bash(1), "Programmable
Completion"). The table is made from the parser; nothing is run while somebody types.
"""

from __future__ import annotations

from foundation.verb_tree import Option, VerbNode

_SCRIPT = """\
# bash completion of {program}; made by `{program} completion bash`.

declare -gA _{name}_next=(
{next}
)
declare -gA _{name}_values=(
{values}
)

_{name}() {{
    local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}}
    local path={program} word skip=
    for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
        if [[ $skip ]]; then
            skip=
        elif [[ -v _{name}_values["$path $word"] ]]; then
            skip=1
        elif [[ -v _{name}_next["$path $word"] ]]; then
            path+=" $word"
        fi
    done
    COMPREPLY=()
    if [[ $skip ]]; then
        local values=${{_{name}_values["$path $previous"]}}
        if [[ $values == FILE ]]; then
            compopt -o filenames
            mapfile -t COMPREPLY < <(compgen -f -- "$current")
        else
            mapfile -t COMPREPLY < <(compgen -W "$values" -- "$current")
        fi
    else
        mapfile -t COMPREPLY < <(compgen -W "${{_{name}_next[$path]}}" -- "$current")
    fi
}}

complete -o bashdefault -F _{name} {program}
"""


def bash_completion(tree: VerbNode, program: str) -> str:
    """The script for ``program``.

    Bash reads it, by hand or from /usr/share/bash-completion/completions.
    """
    following: list[str] = []
    values: list[str] = []
    for node in tree.walk():
        path = " ".join((program, *node.path))
        following.append(_entry(path, _words_after(node)))
        for option in node.options:
            if option.value:
                said = "FILE" if option.takes_file else " ".join(option.choices)
                values += [_entry(f"{path} {name}", said) for name in option.names]
    return _SCRIPT.format(
        program=program,
        name=program.replace("-", "_"),
        next="\n".join(following),
        values="\n".join(values),
    )


def _words_after(node: VerbNode) -> str:
    words = [child.path[-1] for child in node.children]
    words += [choice for place in node.places for choice in place.choices]
    words += [_long(option) for option in node.options]
    return " ".join(words)


def _long(option: Option) -> str:
    return next((name for name in option.names if name.startswith("--")), option.names[0])


def _entry(key: str, value: str) -> str:
    return f"    [{_quoted(key)}]={_quoted(value)}"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
