"""Completion of flexvdi-config for bash: a table of what may follow, and a function that reads it.

Bash asks the function for the words that may stand at the cursor (bash(1), "Programmable
Completion"). The table is made from the parser; nothing is run on the host while somebody types.
"""

from __future__ import annotations

from config_tui.verb_tree import Option, VerbNode

_PROGRAM = "flexvdi-config"
_SCRIPT = """\
# bash completion of flexvdi-config; made by `flexvdi-config completion bash`.

declare -gA _flexvdi_config_next=(
{next}
)
declare -gA _flexvdi_config_values=(
{values}
)

_flexvdi_config() {{
    local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}}
    local path=flexvdi-config word skip=
    for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
        if [[ $skip ]]; then
            skip=
        elif [[ -v _flexvdi_config_values["$path $word"] ]]; then
            skip=1
        elif [[ -v _flexvdi_config_next["$path $word"] ]]; then
            path+=" $word"
        fi
    done
    COMPREPLY=()
    if [[ $skip ]]; then
        local values=${{_flexvdi_config_values["$path $previous"]}}
        if [[ $values == FILE ]]; then
            compopt -o filenames
            mapfile -t COMPREPLY < <(compgen -f -- "$current")
        else
            mapfile -t COMPREPLY < <(compgen -W "$values" -- "$current")
        fi
    else
        mapfile -t COMPREPLY < <(compgen -W "${{_flexvdi_config_next[$path]}}" -- "$current")
    fi
}}

complete -o bashdefault -F _flexvdi_config flexvdi-config
"""


def bash_completion(tree: VerbNode) -> str:
    """The script, to be read by bash or left in /usr/share/bash-completion/completions."""
    following: list[str] = []
    values: list[str] = []
    for node in tree.walk():
        path = " ".join((_PROGRAM, *node.path))
        following.append(_entry(path, _words_after(node)))
        for option in node.options:
            if option.value:
                said = "FILE" if option.takes_file else " ".join(option.choices)
                values += [_entry(f"{path} {name}", said) for name in option.names]
    return _SCRIPT.format(next="\n".join(following), values="\n".join(values))


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
