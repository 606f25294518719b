// Imports files of a storage into a project, page by page.
//
// The checkpoint holds the position: the current page, and the names of its files that are done. So a file that exists
// all the time is imported exactly once, even if the folder changes between two attempts. Folders below are visited in
// the module's order. If the current one is deleted between two attempts, the next folder by name follows.
#pragma once

#include "host/explorer/explorer_event.hpp"
#include "host/explorer/file_filter.hpp"
#include "host/explorer/file_pages.hpp"
#include "host/hub/project_batches.hpp"
#include "host/import/asset_import.hpp"
#include "host/import/known_names.hpp"
#include "host/job/outcome.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

namespace angod::host {

/// One for each job; job thread.
class FileImport {
public:
    /// All must outlive it. patience: see AssetImport::Options.
    FileImport(Job &job, rest::HubApi &hub, FilePages &pages, const ExplorerEvent &event, FileOptions options,
               std::vector<std::chrono::milliseconds> patience = AssetImport::Options().patience);

    /// Imports everything. The answer is a message for the user.
    RunResult run();

private:
    /// Files that were left out, by reason.
    struct Counts {
        std::uint64_t other_type = 0, there_already = 0;
        std::uint64_t no_address = 0; ///< see has_dots
    };
    /// The page in work.
    struct Page {
        std::uint64_t first = 0; ///< index of the first file, for files named by the event; not used for folders
        std::vector<std::uint64_t> handled; ///< names (hashes) of files that are done
        std::vector<std::uint64_t> added;   ///< names (hashes) of files given to the import, in order
        std::uint64_t done_before = 0;      ///< import_.done() at the begin of the page
    };
    /// An open folder. The last level is the current one; its page is the page in work.
    struct Level {
        std::string folder, token;
        std::string child;            ///< the folder of this page that is in work; empty: the files of the page are
        std::optional<Listing> page;  ///< nothing: not requested yet
        std::set<std::uint64_t> seen; ///< hashes of the tokens and first entries of the pages so far
    };

    void resume();
    std::string position() const;
    std::optional<Failure> import_named();
    std::optional<Failure> import_folder();
    std::optional<Failure> go_on(Level &level);
    static std::optional<Failure> check_repetition(Level &level);
    std::optional<Failure> import_page(const std::vector<Listing::File> &files);
    std::optional<Failure> add(const std::vector<Listing::File> &files);
    std::optional<Failure> make_batches(const std::vector<Listing::File> &files);
    std::optional<Failure> leave_out_known(std::vector<Listing::File> &files);
    void next_page(std::uint64_t first = 0);
    Outcome message() const;

    Job &job_;
    rest::HubApi &hub_;
    KnownNames known_names_;
    ProjectBatches project_batches_;
    std::optional<std::vector<std::string>> batches_; ///< ids of those of the event; nothing: not asked yet
    FilePages &pages_;
    const ExplorerEvent &event_;
    const FileOptions options_;
    Counts counts_, counts_before_; ///< with the page in work, and without it
    Page page_;
    std::vector<Level> levels_;
    AssetImport import_;
};

} // namespace angod::host
