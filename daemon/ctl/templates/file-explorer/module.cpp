// A file explorer lists the folders and files directly in a folder, and names the URLs under which Hub reads the files.
#include <ango/module.hpp>

#include <string>
#include <string_view>

struct ModuleClass : ango::FileExplorer {
    void list(ango::Job &, const ango::Folder &at, ango::Listing &page) override {
        const std::string folder(at.folder); // "" is the root; other folders end in '/'
        if (folder.empty()) page.folder("photos/");
        for (const std::string_view name : {"1.jpg", "2.jpg"}) {
            const std::string key = folder + std::string(name);
            page.file(key, "https://files.example/" + key);
        }
    }
};

ANGO_MODULE(ModuleClass, {.id = "module-id", .version = "0.1", .summary = "Shows two files in each folder"})
