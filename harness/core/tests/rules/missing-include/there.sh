# <make>
az group list
# </make>
