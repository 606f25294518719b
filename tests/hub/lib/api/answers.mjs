// Answers of tasks under the name that the project gives to their lists of objects.

/** The holder of a list `tools`, with the list under the name of the project; null: without the list. */
export function answerView({ toolsName }, holder) {
    if (toolsName === 'tools' || !holder) return holder;
    const { tools, ...rest } = holder;
    return toolsName === null ? rest : { ...rest, [toolsName]: tools };
}

/** A task as the API shows it. */
export function taskView(project, task) {
    return { ...task, answer: answerView(project, task.answer) };
}
