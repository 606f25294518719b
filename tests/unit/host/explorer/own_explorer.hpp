// A file explorer that is part of the test program. It lists a tree of folders in pages, as the test says.
#pragma once

#include "host/module/handles.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

/// One at a time.
struct OwnExplorer {
    using List = std::function<std::int32_t(ango_job &job, const ango_folder &folder, ango_listing &page)>;
    using Locate = std::function<std::int32_t(ango_job &job, std::string_view key, ango_listing &file)>;

    explicit OwnExplorer(List how) {
        list = std::move(how);
        locate = {};
        table.struct_size = sizeof table;
        table.list = [](ango_instance *, ango_job *job, const ango_folder *folder, ango_listing *page) {
            return list(*job, *folder, *page);
        };
    }
    /// Adds a locate to the module.
    void with_locate(Locate how) {
        locate = std::move(how);
        table.locate = [](ango_instance *, ango_job *job, const ango_folder *, const ango_str *key,
                          ango_listing *file) { return locate(*job, view(*key), *file); };
    }
    static std::string_view view(const ango_str &text) { return {text.data, static_cast<std::size_t>(text.size)}; }

    ango_file_explorer_v1 table{};
    inline static List list;
    inline static Locate locate;
};

/// Folders with their pages. Entries that end with '/' are folders. The token of a page is its number.
struct Tree {
    using Page = std::vector<std::string>;
    std::map<std::string, std::vector<Page>> folders;
    std::map<std::size_t, std::string> next_of; ///< the token of the next page, if it is another than the next number
    std::vector<std::string> asked;             ///< "FOLDER#TOKEN" of each list

    std::int32_t list(const ango_folder &folder, ango_listing &page) {
        const std::string name(OwnExplorer::view(folder.folder)), token(OwnExplorer::view(folder.token));
        asked.push_back(name + "#" + token);
        const std::size_t number = token.empty() ? 0 : std::stoul(token);
        const auto &pages = folders[name];
        if (number < pages.size())
            for (const std::string &entry : pages[number]) {
                if (entry.ends_with('/'))
                    page.listing.folders.push_back(entry);
                else
                    page.listing.files.push_back({entry, "https://files.test/" + entry});
            }
        if (number + 1 < pages.size()) page.listing.next = std::to_string(number + 1);
        if (const auto other = next_of.find(number); other != next_of.end()) page.listing.next = other->second;
        return ANGO_OK;
    }
    OwnExplorer explorer() {
        return OwnExplorer(
            [this](ango_job &, const ango_folder &folder, ango_listing &page) { return list(folder, page); });
    }
};
