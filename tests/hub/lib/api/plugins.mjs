// Answers and log lines of plugins that the Hub calls: these plugins send by REST instead of a socket.

function pluginResponse(hub, { body }) {
    hub.counters.responses += 1;
    hub.sessions.answer(body, { via: 'rest' });
    return { response: { received: true } };
}

function pluginLog(hub, { body }) {
    hub.counters.logs += 1;
    hub.sessions.log(body, { via: 'rest' });
    return { response: { logged: true } };
}

export const pluginRoutes = {
    'POST /pluginResponse': pluginResponse,
    'POST /pluginLog': pluginLog,
};
