# SPDX-License-Identifier: MIT
# A scene of two hundred cubes, a drawing, and a page: the largest programs that draw without a screen.
blender --background --factory-startup --python-expr 'import bpy
for i in range(200): bpy.ops.mesh.primitive_cube_add(location=(i, 0, 0))
print("cubes", len(bpy.data.objects))' 2> /dev/null | grep ^cubes
echo '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="90"><circle cx="40" cy="40" r="30"/></svg>' > drawing.svg
inkscape --export-type=png --export-filename=drawing.png drawing.svg > /dev/null 2>&1
md5sum < drawing.png
