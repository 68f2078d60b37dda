# SPDX-License-Identifier: MIT
# A document of headings, tables and lists, from HTML to ODT to plain text, headless; soffice.bin does the work.
/usr/bin/python3 - <<'PYTHON'
with open("text.html", "w") as out:
    out.write("<html><body>")
    for chapter in range(20):
        out.write(f"<h1>Chapter {chapter}</h1><p>" + " ".join(f"word{n}" for n in range(200)) + "</p><table>")
        out.write("".join(f"<tr><td>{n}</td><td>{n * n}</td></tr>" for n in range(20)) + "</table>")
    out.write("</body></html>")
PYTHON
office() { TMPDIR=$PWD HOME=$PWD soffice "-env:UserInstallation=file://$PWD/profile" --headless --norestore "$@" > log 2>&1; }
office --infilter='HTML (StarWriter)' --convert-to odt text.html
office --convert-to txt:Text text.odt
sha256sum text.txt
wc -w < text.txt
