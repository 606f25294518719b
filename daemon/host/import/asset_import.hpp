// Creates assets in a project, chunk by chunk, each exactly once: assets of an earlier attempt are not created again.
//
// The checkpoint is saved before a chunk is sent, and again after Hub's answer. Between the two the chunk is in doubt
// after a kill or a lost answer: the import looks for it in Hub and sends only the missing assets. Equal assets of an
// earlier run or chunk are counted before the chunk is sent, so that they are not mistaken for it. Labels replace older
// labels, so those of a chunk in doubt are simply sent again.
//
// The import cannot recognise equal assets that another client creates in the project while a chunk is in doubt.
#pragma once

#include "host/import/import_chunk.hpp"
#include "host/import/import_phase.hpp"
#include "host/import/import_search.hpp"
#include "host/import/recent_assets.hpp"
#include "host/job/job.hpp"

#include "rest/hub_api.hpp"
#include "rest/retry.hpp"

#include "base/result.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace angod::host {

/// The chunk that was sent or may have been sent.
struct SentChunk {
    std::vector<std::uint64_t> prints;        ///< of its assets
    std::map<std::uint64_t, std::size_t> had; ///< by fingerprint: equal assets that the project had before
    std::optional<std::int64_t> from;         ///< ms since 1970: older assets are not counted
    bool blind = false;                       ///< Hub gives no way to look for it
};

/// One for each job; job thread. Only this object saves the job's checkpoint.
class AssetImport {
public:
    struct Options {
        std::size_t chunk = 100;            ///< assets in one call, 1 to kMaxChunk
        std::size_t chunk_bytes = 8u << 20; ///< a chunk is also sent when its assets have so many bytes
        std::uint64_t total = 0;            ///< all assets, for the job's progress; 0: not known
        /// Returns the caller's position in its sequence when done() assets of it are in Hub: JSON of at most 40,000
        /// bytes, for a later attempt. Called before each save. Empty: no position.
        std::function<std::string()> position;
        /// The waits between two searches for a missing chunk: Hub may still be working on it.
        std::vector<std::chrono::milliseconds> patience{
            std::chrono::milliseconds(500), std::chrono::milliseconds(1'000), std::chrono::milliseconds(2'000)};
    };
    static constexpr std::size_t kMaxChunk = 1'000;

    /// job and hub must outlive it.
    AssetImport(Job &job, rest::HubApi &hub, Options options);

    /// The number of assets, from the start of the sequence, that Hub has with their labels. The caller adds the assets
    /// after them. The sequence must be the same in every attempt; if it may have changed, see was_sent.
    std::uint64_t done() const { return done_; }
    /// The result of Options::position in an earlier attempt; empty if there was none.
    const std::string &position() const { return position_; }
    /// Whether an earlier attempt may have sent this asset after the first done() ones. If the sequence may have
    /// changed, the caller adds these assets first and then calls finish.
    bool was_sent(const NewAsset &asset) const;

    /// Adds an asset; sends the chunk when it is full.
    Result<void> add(NewAsset asset);
    /// Sends the rest. More assets may be added later.
    Result<void> finish();

private:
    using Counts = ImportChunk::Counts;

    void pass(ImportEvent event);
    void read_checkpoint(std::string_view text);
    Result<void> save();
    Result<void> send();
    Result<void> prepare();
    Result<void> create();
    /// Code::full: Hub says that it has not created all of them.
    Result<void> post(const Counts &of_each);
    Result<Counts> missing(Code doubt);
    Result<Counts> there(const Counts *enough);
    Result<void> send_labels();
    std::string range() const;
    std::vector<std::uint64_t> prints() const; ///< fingerprints of the chunk's assets

    Job &job_;
    rest::HubApi &hub_;
    const Options options_;
    ImportSearch search_;
    ImportChunk chunk_;
    std::uint64_t done_ = 0;
    std::string position_;
    ImportPhase phase_ = ImportPhase::collecting;
    std::optional<SentChunk> sent_;            ///< nothing while collecting
    RecentAssets recent_;                      ///< also assets that others created
    std::optional<std::int64_t> recent_since_; ///< recent_ has no assets created before this time of Hub
};

} // namespace angod::host
