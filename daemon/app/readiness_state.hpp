// When a plugin can do its work: the states, and which event leads from one to the next. Pure.
#pragma once

#include <optional>
#include <string_view>

namespace angod::app {

enum class ReadyState {
    //                link to Hub   runs in the queue
    waiting,      ///< closed       wait: no generation serves yet, and one may still come
    serving,      ///< open         start in hosts of the generation that serves
    changing,     ///< open         wait: the old generation's hosts end before the next one starts (reload: replace)
    suspended,    ///< open         fail: the generation is gone, and another may still come
    turning_away, ///< open         fail: nothing will serve, and what waits is answered before the link closes
    unavailable,  ///< closed       wait: nothing will serve
    stopped,      ///< closed       stay in the store
};

enum class ReadyEvent {
    serve,       ///< a generation can do the work
    change,      ///< a generation replaces the present one, which may not run beside it
    change_over, ///< that has ended, whether it worked or not
    lose,        ///< nothing serves, for now
    give_up,     ///< nothing serves, and runs or answers wait, or the link is open
    close,       ///< nothing serves, and no run waits for an answer
    stop,        ///< angod stops, or the plugin hands over to another one
};

/// Why nothing serves. Set by lose, give_up and close, which say it anew each time; serve ends it.
enum class Hindrance {
    none,             ///< something serves, or nothing has been decided yet
    disabled,         ///< by an operator or by the configuration
    no_module,        ///< no generation of the module can be used, or none has the plugin's kind, or its host ended
    settings_refused, ///< the module was loaded and refused the plugin's settings
};

struct ReadyTransition {
    ReadyState from;
    ReadyEvent event;
    ReadyState to;
};

/// Every transition that there is.
inline constexpr ReadyTransition kReadyTransitions[] = {
    {ReadyState::waiting, ReadyEvent::serve, ReadyState::serving},
    {ReadyState::waiting, ReadyEvent::lose, ReadyState::waiting},
    {ReadyState::waiting, ReadyEvent::give_up, ReadyState::turning_away},
    {ReadyState::waiting, ReadyEvent::close, ReadyState::unavailable},
    {ReadyState::waiting, ReadyEvent::stop, ReadyState::stopped},

    {ReadyState::serving, ReadyEvent::serve, ReadyState::serving},
    {ReadyState::serving, ReadyEvent::change, ReadyState::changing},
    {ReadyState::serving, ReadyEvent::lose, ReadyState::suspended},
    {ReadyState::serving, ReadyEvent::give_up, ReadyState::turning_away},
    {ReadyState::serving, ReadyEvent::stop, ReadyState::stopped},

    {ReadyState::changing, ReadyEvent::change_over, ReadyState::serving},
    {ReadyState::changing, ReadyEvent::stop, ReadyState::stopped},

    {ReadyState::suspended, ReadyEvent::serve, ReadyState::serving},
    {ReadyState::suspended, ReadyEvent::lose, ReadyState::suspended},
    {ReadyState::suspended, ReadyEvent::give_up, ReadyState::turning_away},
    {ReadyState::suspended, ReadyEvent::stop, ReadyState::stopped},

    {ReadyState::turning_away, ReadyEvent::serve, ReadyState::serving},
    {ReadyState::turning_away, ReadyEvent::lose, ReadyState::suspended},
    {ReadyState::turning_away, ReadyEvent::give_up, ReadyState::turning_away},
    {ReadyState::turning_away, ReadyEvent::close, ReadyState::unavailable},
    {ReadyState::turning_away, ReadyEvent::stop, ReadyState::stopped},

    {ReadyState::unavailable, ReadyEvent::serve, ReadyState::serving},
    {ReadyState::unavailable, ReadyEvent::lose, ReadyState::waiting},
    {ReadyState::unavailable, ReadyEvent::give_up, ReadyState::turning_away},
    {ReadyState::unavailable, ReadyEvent::close, ReadyState::unavailable},
    {ReadyState::unavailable, ReadyEvent::stop, ReadyState::stopped},

    {ReadyState::stopped, ReadyEvent::change_over, ReadyState::stopped},
    {ReadyState::stopped, ReadyEvent::stop, ReadyState::stopped},
};

constexpr std::optional<ReadyState> next_state(ReadyState from, ReadyEvent event) {
    for (const ReadyTransition &one : kReadyTransitions)
        if (one.from == from && one.event == event) return one.to;
    return std::nullopt;
}

constexpr bool has_open_link(ReadyState state) {
    return state == ReadyState::serving || state == ReadyState::changing || state == ReadyState::suspended ||
           state == ReadyState::turning_away;
}

/// Whether runs are taken out of the queue: to be run, or to be answered as failed.
constexpr bool takes_runs(ReadyState state) { return has_open_link(state) && state != ReadyState::changing; }

/// Whether the event says why nothing serves.
constexpr bool tells_hindrance(ReadyEvent event) {
    return event == ReadyEvent::lose || event == ReadyEvent::give_up || event == ReadyEvent::close;
}

/// The hindrance after an event, of which the last one told is known.
constexpr Hindrance next_hindrance(Hindrance present, ReadyEvent event, Hindrance told) {
    if (event == ReadyEvent::serve) return Hindrance::none;
    return tells_hindrance(event) ? told : present;
}

constexpr std::string_view name_of(ReadyState state) {
    switch (state) {
        case ReadyState::waiting: return "waiting";
        case ReadyState::serving: return "serving";
        case ReadyState::changing: return "changing";
        case ReadyState::suspended: return "suspended";
        case ReadyState::turning_away: return "turning away";
        case ReadyState::unavailable: return "unavailable";
        case ReadyState::stopped: return "stopped";
    }
    return "";
}

} // namespace angod::app
