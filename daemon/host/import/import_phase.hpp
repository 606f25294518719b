// The phases of a chunk on its way into Hub.
#pragma once

#include <array>
#include <optional>

namespace angod::host {

enum class ImportPhase {
    collecting, ///< the chunk takes assets; Hub has none of them from this import
    sending,    ///< the checkpoint says that the chunk may have been sent
    in_doubt,   ///< Hub may have created any of the assets
    created,    ///< Hub has all assets; their labels may be missing
};

enum class ImportEvent {
    prepared,    ///< the checkpoint with the chunk is saved
    accepted,    ///< Hub confirmed the assets
    answer_lost, ///< the request may have arrived, but Hub's answer did not
    found_part,  ///< Hub has some of the assets; the others are sent next
    found_all,   ///< Hub has all of the assets
    recorded,    ///< labels are sent, and the checkpoint counts the chunk as done
};

struct ImportTransition {
    ImportPhase from;
    ImportEvent event;
    ImportPhase to;
};

/// All transitions. An attempt that finds a chunk in its checkpoint starts in in_doubt, or in created if the checkpoint
/// says so; every other attempt starts in collecting.
inline constexpr std::array<ImportTransition, 6> kImportTransitions{{
    {ImportPhase::collecting, ImportEvent::prepared, ImportPhase::sending},
    {ImportPhase::sending, ImportEvent::accepted, ImportPhase::created},
    {ImportPhase::sending, ImportEvent::answer_lost, ImportPhase::in_doubt},
    {ImportPhase::in_doubt, ImportEvent::found_part, ImportPhase::sending},
    {ImportPhase::in_doubt, ImportEvent::found_all, ImportPhase::created},
    {ImportPhase::created, ImportEvent::recorded, ImportPhase::collecting},
}};

/// The phase after an event; nothing if the table has no such transition.
constexpr std::optional<ImportPhase> next_phase(ImportPhase from, ImportEvent event) {
    for (const ImportTransition &one : kImportTransitions)
        if (one.from == from && one.event == event) return one.to;
    return std::nullopt;
}

} // namespace angod::host
